import { describe, expect, test } from 'vitest';
import { listing } from '../../../../cli/ui/databases.ts';
import type { Owner } from '../../../../core/owner.ts';
import { size } from '../../../../core/text/size.ts';
import type { Inventory } from '../../../../servers/postgres/inventory/inventory.ts';
import type { MarkedDatabase } from '../../../../servers/postgres/marks/mark.ts';
import type { Mark } from '../../../../servers/postgres/types.ts';

const now = Date.parse('2026-01-02T12:00:00Z');
const hoursAgo = (hours: number) => new Date(now - hours * 3_600_000).toISOString();

const owner = (environment: string): Owner => ({
  app: 'shop',
  environment,
  repository: '/src/shop/.git',
  branch: environment,
  worktree: `/src/${environment}`,
});

const database = (name: string, mark: Mark | undefined, more: Partial<MarkedDatabase> = {}) => ({
  name,
  oid: 20_000,
  mark,
  isTemplate: false,
  allowsConnections: true,
  broken: false,
  sessions: 0,
  bytes: 160_000_000,
  ...more,
});

const clone = (environment: string, changes: Partial<Mark & { kind: 'clone' }> = {}): Mark => ({
  coppice: 1,
  kind: 'clone',
  template: 'tpl_shop__0123456789abcdef',
  migrations: [],
  strategy: 'clone',
  milliseconds: 12,
  createdAt: hoursAgo(3),
  origin: { kind: 'template' },
  ...owner(environment),
  ...changes,
});

const template: Mark = {
  coppice: 1,
  kind: 'template',
  app: 'shop',
  hash: '0123456789abcdef',
  stage: 'complete',
  builtAt: hoursAgo(48),
  buildMilliseconds: 4200,
  migrations: [],
  files: 300,
  bytes: 160_000_000,
};

const snapshot: Mark = {
  coppice: 1,
  kind: 'snapshot',
  of: 'wt_shop__main',
  name: 'before-import',
  reason: 'asked',
  takenAt: hoursAgo(1),
  template: 'tpl_shop__0123456789abcdef',
  migrations: [],
  ...owner('main'),
};

const inventory = (databases: readonly MarkedDatabase[], changes: Partial<Inventory> = {}): Inventory => ({
  facts: { major: 18, superuser: true, reflink: true, fileSystem: 'xfs', fsync: 0.1 },
  own: true,
  sharesBlocks: true,
  databases,
  roles: [],
  strays: [],
  locks: [],
  atWork: 0,
  disk: { total: 64e9, used: 512e6, free: 63.5e9 },
  ...changes,
});

describe('wt db list', () => {
  const everything = inventory([
    database('snap_1', snapshot),
    database('tpl_shop__0123456789abcdef', template, { isTemplate: true }),
    database('wt_shop__feat_a', clone('feat-a', { origin: { kind: 'fork', of: 'shop/main' } })),
    database('wt_shop__main', clone('main', { strategy: 'wal_log', milliseconds: 340 }), { sessions: 2 }),
  ]);

  test('shows every environment with age, origin, strategy, sessions and size', () => {
    const lines = listing(everything, now).text.split('\n');
    expect(lines.slice(0, 3)).toEqual(
      [
        'environments  age  template                    made            sessions  size',
        'shop/feat-a   3 h  fork of shop/main           clone, 12 ms    0         160 MB  shares blocks with its template',
        'shop/main     3 h  tpl_shop__0123456789abcdef  wal_log, 340 ms  2         160 MB  full copy',
      ].map((line) => expect.stringMatching(columns(line))),
    );
  });

  test('shows templates with the number of environments that use them', () => {
    expect(listing(everything, now).text).toMatch(
      columns('tpl_shop__0123456789abcdef  2 d  4.2 s  2 environments  160 MB'),
    );
  });

  test('shows how many snapshots each environment has, and those with a name', () => {
    const at = (name: string, hours: number, reason: 'asked' | 'down') =>
      database(`snap_${name}`, { ...snapshot, name, takenAt: hoursAgo(hours), reason } as Mark);
    const all = [at('before-import', 50, 'asked'), at('down-1', 5, 'down'), at('down-2', 6, 'down')];
    expect(listing(inventory(all), now).text).toMatch(columns('shop/main  3  5 h  before-import'));
  });

  test('notes that shared blocks count once, and what the file system has in use', () => {
    const { text } = listing(everything, now);
    expect(text).toContain('sizes are what each would take on its own');
    expect(text).toContain('the file system (xfs) has 512 MB of 64.0 GB in use');
  });

  test('calls every size a full copy where the file system shares no blocks', () => {
    const { text } = listing({ ...everything, sharesBlocks: false, disk: undefined }, now);
    expect(text).toContain('every size is a full copy');
    expect(text).not.toContain('in use');
  });

  test('names the command that creates a database when there is none', () => {
    expect(listing(inventory([]), now).text).toContain('there is no database yet: wt up creates');
  });

  test('as JSON has names, numbers and times, and whether blocks are shared', () => {
    const json = JSON.parse(JSON.stringify(listing(everything, now).json));
    expect(json.environments).toHaveLength(2);
    expect(json.environments[1]).toEqual({
      app: 'shop',
      environment: 'main',
      branch: 'main',
      worktree: '/src/main',
      database: 'wt_shop__main',
      template: 'tpl_shop__0123456789abcdef',
      strategy: 'wal_log',
      origin: { kind: 'template' },
      milliseconds: 340,
      createdAt: hoursAgo(3),
      sessions: 2,
      bytes: 160_000_000,
      sharesBlocks: false,
    });
    expect(json.templates).toMatchObject([{ database: 'tpl_shop__0123456789abcdef', clones: 2 }]);
    expect(json.snapshots).toMatchObject([{ name: 'before-import', of: 'wt_shop__main', reason: 'asked' }]);
    expect(json.disk).toEqual({ total: 64e9, used: 512e6, free: 63.5e9 });
  });
});

/** A line of a table, however wide its columns are. */
function columns(line: string): RegExp {
  return new RegExp(`${line.split(/ {2,}/).map(escaped).join(' {2,}')}`);
}

function escaped(text: string): string {
  return text.replaceAll(/[.()]/g, '\\$&');
}

test.each([
  [0, '0 B'],
  [812_345, '812 kB'],
  [8_130_000, '8.1 MB'],
  [999_600_000, '1.0 GB'],
  [160_000_000, '160 MB'],
  [1_500_000_000, '1.5 GB'],
])('%i bytes read %s', (bytes, text) => {
  expect(size(bytes)).toBe(text);
});
