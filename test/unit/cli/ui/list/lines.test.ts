import { describe, expect, test } from 'vitest';
import type { ListedEnvironment, ListedWorktree, Listing } from '../../../../../app/worktrees/list/item.ts';
import { tableLines } from '../../../../../cli/ui/list/fit.ts';
import { type ListView, listLines } from '../../../../../cli/ui/list/lines.ts';
import { widthOf } from '../../../../../core/text/width.ts';

const now = Date.parse('2026-11-30T12:00:00Z');
const view: ListView = { cwd: '/src/shop', now, verbose: false, loading: false };

const main: ListedWorktree = {
  path: '/src/shop',
  name: 'main',
  detached: false,
  head: 'a'.repeat(40),
  main: true,
  current: true,
  changes: { staged: 1, modified: 2, untracked: 0, conflicted: 3 },
  divergence: { ahead: 0, behind: 0 },
  lastActivity: now - 5 * 60_000,
  agents: [],
};
const up: ListedEnvironment = {
  app: 'shop',
  slug: 'main',
  state: 'up',
  reasons: [],
  urls: [{ service: 'web', url: 'http://main.shop.localhost/' }],
  database: { engine: 'postgres', name: 'wt_shop__main' },
  memory: 120_000_000,
};
const listing = (worktrees: ListedWorktree[], more: Partial<Listing> = {}): Listing => ({
  repository: '/src/shop/.git',
  defaultBranch: 'main',
  worktrees,
  ...more,
});

describe('a list', () => {
  test('has a line a worktree, and one for each further environment', () => {
    const second = { ...up, app: 'admin', state: 'stopped' as const, urls: [] };
    const lines = listLines(listing([{ ...main, environments: [up, second] }]), view);
    expect(lines[0]?.split(/ {2,}/)).toEqual([
      '',
      'Branch',
      'State',
      'Changes',
      'URL',
      'Age',
      'Database',
      'Memory',
      'Notes',
      'Path',
    ]);
    expect(lines[1]).toMatch(
      /^\* main +up +!3 \+1 ~2 +http:\/\/main\.shop\.localhost\/ +5 min +wt_shop__main +120 MB +main worktree +\.$/,
    );
    expect(lines[2]).toMatch(/^ {4}admin\/main +stopped/);
    expect(lines).toHaveLength(3);
  });

  test('says below why an environment is not simply up, and with --verbose everything', () => {
    const failing = { ...up, state: 'failing' as const, reasons: ['web crashes', 'api crashes'] };
    const rows = [{ ...main, environments: [failing] }];
    expect(listLines(listing(rows), view).slice(2)).toEqual(['', 'shop/main: failing: web crashes']);
    expect(listLines(listing(rows), { ...view, verbose: true }).slice(3)).toEqual([
      'shop/main: failing: web crashes',
      'shop/main: failing: api crashes',
    ]);
  });

  test('has an environment without a worktree at its end', () => {
    const orphan = { ...up, slug: 'old', state: 'orphaned' as const, reasons: ['its worktree /x is gone'] };
    const lines = listLines(listing([main], { orphans: [orphan] }), view);
    expect(lines[2]).toMatch(/^ {2}shop\/old +orphaned/);
    expect(lines.at(-1)).toBe('shop/old: orphaned: its worktree /x is gone');
  });

  test('says in one line that the cluster does not answer', () => {
    const silence = { reason: 'the cluster does not answer: connection refused', hint: 'wt cluster status' };
    const unknown = { ...up, state: 'unknown' as const, reasons: [silence.reason] };
    const lines = listLines(listing([{ ...main, environments: [unknown] }], { silence }), view);
    expect(lines.slice(2)).toEqual(['', `${silence.reason}; try: wt cluster status`]);
  });

  test('has a dot for what is still asked, and a dash for what cannot be told', () => {
    const { changes: _, ...asked } = main;
    expect(listLines(listing([asked]), { ...view, loading: true })[1]).toContain(' · ');
    expect(listLines(listing([{ ...main, changes: null }]), view)[1]).toMatch(/main +- /);
  });

  test('never obeys what a path or a reason would do to a terminal', () => {
    const evil = { ...main, locked: 'a\u001b[2Jb\nc', path: '/src/x\u001b]0;y' };
    const [, line = ''] = listLines(listing([evil]), view);
    expect(line).toMatch(/^[^\p{Cc}]*$/u);
    expect(line).toContain('locked: a?[2Jb?c');
  });

  test.each([200, 120, 80, 60, 40, 20, 8])(
    'never is wider than %i columns, and keeps the branch',
    (width) => {
      const row = { ...main, name: 'feat/名前-with-a-long-name', agents: [], environments: [up] };
      const lines = listLines(listing([row], { silence: { reason: 'r'.repeat(300), hint: 'h' } }), {
        ...view,
        width,
      });
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
      expect(lines[1]).toMatch(/^\* feat/);
    },
  );
});

test('columns go by priority, and empty ones first of all', () => {
  const column = (title: string, priority: number, text: string) => ({ title, priority, cell: () => text });
  const columns = [
    column('A', 0, 'aaaa'),
    column('B', 2, 'bbbb'),
    column('C', 1, 'cccc'),
    column('D', 3, ''),
  ];
  expect(tableLines(columns, [1])).toEqual(['A     B     C', 'aaaa  bbbb  cccc']);
  expect(tableLines(columns, [1], 12)).toEqual(['A     C', 'aaaa  cccc']);
  expect(tableLines(columns, [1], 3)).toEqual(['A', 'aa…']);
});

test('one long text in the first column does not take the essential columns of all lines', () => {
  const column = (title: string, priority: number, texts: readonly string[]) => ({
    title,
    priority,
    cell: (row: number) => texts[row] ?? '',
  });
  const columns = [
    column('Branch', 0, ['a', 'b'.repeat(60)]),
    column('State', 1, ['up', 'stopped']),
    column('Changes', 2, ['~1', '']),
    column('Path', 10, ['.', '../somewhere']),
  ];
  expect(tableLines(columns, [0, 1], 40)).toEqual([
    `Branch${' '.repeat(18)}State    Changes`,
    `a${' '.repeat(23)}up       ~1`,
    `${'b'.repeat(21)}…  stopped`,
  ]);
  // Where there is room, the name is whole.
  expect(tableLines(columns, [0, 1], 90)[2]).toMatch(/^b{60} {2}stopped/);
});
