import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ListDocument, ListItem } from '../../cli/ui/list/schema.ts';
import { packageRoot } from '../../core/package-root.ts';
import { Home } from './harness.ts';

const published = JSON.parse(
  readFileSync(join(packageRoot(), 'schema', 'list.schema.json'), 'utf8'),
) as object;
const validate = new Ajv2020({ allErrors: true, validateFormats: false }).compile(published);

type Worktree = Extract<ListItem, { kind: 'worktree' }>;

let home: Home;
let top: string;
beforeEach(() => {
  home = new Home();
  top = home.repository();
});
afterEach(() => home.remove());

const at = (name: string) => join(home.folder, name);
const add = (name: string, ...more: string[]) =>
  home.git(top, 'worktree', 'add', '-q', ...(more.length > 0 ? more : ['-b', name]), at(name));

async function documentOf(cwd: string, ...flags: string[]): Promise<ListDocument> {
  const { code, stdout, stderr } = await home.wt(cwd, ['list', '--json', ...flags]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const document: unknown = JSON.parse(stdout);
  validate(document);
  expect(validate.errors ?? []).toEqual([]);
  return document as ListDocument;
}

async function rowsOf(cwd: string): Promise<Map<string, Worktree>> {
  const { items } = await documentOf(cwd);
  return new Map(items.flatMap((item) => (item.kind === 'worktree' ? [[item.name, item]] : [])));
}

/** The record of a cluster behind a port that nobody listens on. */
function clusterDown(): void {
  const data = join(home.folder, '.data', 'coppice');
  mkdirSync(data, { recursive: true });
  const login = { 'client-certificate-data': '', 'client-key-data': '' };
  const config = {
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:9', 'certificate-authority-data': '' } }],
    users: [{ name: 'u', user: login }],
  };
  writeFileSync(join(data, 'kubeconfig.json'), JSON.stringify(config));
  const record = {
    driver: 'existing',
    kubeconfig: join(data, 'kubeconfig.json'),
    context: 'c',
    uid: 'u',
    http: { port: 80 },
    ingress: 'load-balancer',
    images: {},
  };
  writeFileSync(join(data, 'cluster.json'), JSON.stringify(record));
}

describe('worktrees', () => {
  test('of every kind are listed with what marks them', async () => {
    home.commit(top, { 'a.txt': '1' }, 'Two');
    add('feat/a');
    home.commit(at('feat/a'), { 'b.txt': '1' }, 'Ahead');
    home.git(top, 'worktree', 'add', '-q', '-b', 'old', at('old'), 'HEAD~1');
    home.git(top, 'worktree', 'add', '-q', '-b', 'spaced', at('with space'));
    add('detached', '--detach');
    add('locked');
    home.git(top, 'worktree', 'lock', '--reason', 'claude session x', at('locked'));
    add('gone');
    rmSync(at('gone'), { recursive: true });
    home.git(top, 'worktree', 'add', '-q', '-b', 'inside', join(top, '.claude', 'worktrees', 'inside'));
    home.write(at('feat/a'), { 'new.txt': 'x', 'staged.txt': 'x', 'b.txt': '2' });
    home.git(at('feat/a'), 'add', 'staged.txt');

    const rows = await rowsOf(join(at('feat/a'), '.'));
    expect(rows.get('main')).toMatchObject({
      main: true,
      current: false,
      divergence: { ahead: 0, behind: 0 },
    });
    expect(rows.get('feat/a')).toMatchObject({
      main: false,
      current: true,
      changes: { staged: 1, modified: 1, untracked: 1, conflicted: 0 },
      divergence: { ahead: 1, behind: 0 },
    });
    expect(rows.get('old')?.divergence).toEqual({ ahead: 0, behind: 1 });
    expect(rows.get('spaced')?.path).toBe(at('with space'));
    expect(rows.get('detached')).toMatchObject({ branch: null, path: at('detached') });
    expect(rows.get('locked')?.locked).toBe('claude session x');
    expect(rows.get('gone')).toMatchObject({ prunable: expect.any(String), changes: null });
    expect(rows.get('inside')?.path).toBe(join(top, '.claude', 'worktrees', 'inside'));
    expect([...rows.keys()].slice(0, 2)).toEqual(['feat/a', 'main']);
    expect([...rows.values()].every((row) => !('environments' in row))).toBe(true);
  });

  test('from inside of one another is the innermost the current one', async () => {
    const inner = join(top, '.claude', 'worktrees', 'inside');
    home.git(top, 'worktree', 'add', '-q', '-b', 'inside', inner);
    mkdirSync(join(inner, 'src'));
    const rows = await rowsOf(join(inner, 'src'));
    expect([rows.get('inside')?.current, rows.get('main')?.current]).toEqual([true, false]);
  });

  test('in a rebase and in a conflict say so, and keep their branch', async () => {
    home.commit(top, { 'a.txt': '1' }, 'One');
    add('feat');
    home.commit(at('feat'), { 'a.txt': '2' }, 'Two');
    home.commit(top, { 'a.txt': '3' }, 'Three');
    expect(() => home.git(at('feat'), 'rebase', 'main')).toThrow();
    const row = (await rowsOf(top)).get('feat');
    expect(row).toMatchObject({ branch: 'feat', operation: 'rebase', changes: { conflicted: 1 } });
    const { stdout } = await home.wt(top, ['list']);
    expect(stdout).toMatch(/^ {2}feat +!1 .*rebase/m);
  });

  test('of a bare repository are listed without it', async () => {
    const bare = at('bare.git');
    execFileSync('git', ['clone', '-q', '--bare', top, bare], { env: { ...process.env, ...home.env } });
    home.git(bare, 'worktree', 'add', '-q', '-b', 'one', join(home.folder, 'one'));
    for (const cwd of [bare, at('one')]) expect([...(await rowsOf(cwd)).keys()]).toEqual(['one']);
  });

  test('with a changed submodule are modified', async () => {
    const library = home.repository('library');
    home.git(top, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'library');
    home.git(top, 'commit', '-qm', 'Use it');
    home.commit(join(top, 'library'), { 'x.txt': '1' }, 'Newer');
    expect((await rowsOf(top)).get('main')?.changes).toMatchObject({ modified: 1 });
  });

  test('whose .git is broken has the reason in its row, and the others are listed', async () => {
    add('broken');
    add('whole');
    writeFileSync(join(at('broken'), '.git'), 'gitdir: /nowhere/worktrees/broken\n');
    const rows = await rowsOf(top);
    expect(rows.get('broken')).toMatchObject({ changes: null });
    expect(rows.get('broken')?.problem?.message ?? rows.get('broken')?.prunable).toBeTruthy();
    expect(rows.get('whole')?.changes).not.toBeNull();
  });

  test('before the first commit, and without any commit of the default branch, are listed', async () => {
    const empty = at('empty');
    mkdirSync(empty);
    home.git(empty, 'init', '-q');
    expect((await rowsOf(empty)).get('main')).toMatchObject({ head: null, current: true });
  });

  test('of unrelated histories are counted too', async () => {
    home.git(top, 'checkout', '-q', '--orphan', 'other');
    home.git(top, 'commit', '-qm', 'Other');
    expect((await rowsOf(top)).get('other')?.divergence).toEqual({ ahead: 1, behind: 1 });
  });

  test('among hundreds of branches are counted once, and answer the same from what was kept', async () => {
    const head = home.git(top, 'rev-parse', 'HEAD');
    const lines = Array.from({ length: 500 }, (_, index) => `create refs/heads/b${index} ${head}`);
    execFileSync('git', ['-C', top, 'update-ref', '--stdin'], {
      input: `${lines.join('\n')}\n`,
      env: { ...process.env, ...home.env },
    });
    add('feat');
    home.commit(at('feat'), { 'x.txt': '1' }, 'One');
    const first = await rowsOf(top);
    expect(first.get('feat')?.divergence).toEqual({ ahead: 1, behind: 0 });
    expect((await rowsOf(top)).get('feat')?.divergence).toEqual({ ahead: 1, behind: 0 });
    home.commit(top, { 'y.txt': '1' }, 'Main moves');
    expect((await rowsOf(top)).get('feat')?.divergence).toEqual({ ahead: 1, behind: 1 });
  });

  test('outside of a repository are refused, with what lists all', async () => {
    const { code, stderr } = await home.wt(home.folder, ['list']);
    expect(code).toBe(1);
    expect(stderr).toContain('is not in a git repository');
    const { stdout } = await home.wt(home.folder, ['list', '--help']);
    expect(stdout.replace(/\s+/g, ' ')).toContain('with 1 outside of a repository');
  });
});

describe('as text', () => {
  test('columns that nothing fills are left out, and what is not a terminal gets whole lines', async () => {
    add('a-rather-long-branch-name-that-no-narrow-terminal-could-show-beside-anything-else');
    const { stdout } = await home.wt(top, ['ls'], { COLUMNS: '20' });
    const [titles] = stdout.split('\n');
    expect(titles).toMatch(/^ {2}Branch +Age +Notes +Path$/);
    expect(stdout).toContain('could-show-beside-anything-else');
    expect(stdout).not.toContain('State');
  });
});

describe('a cluster', () => {
  test('that is down costs one line, and worktrees are listed with states that are unknown', async () => {
    clusterDown();
    home.commit(top, { 'coppice.yaml': 'name: shop\n' }, 'Spec');
    add('feat');
    home.git(top, 'worktree', 'add', '-q', '-b', 'bare', at('without'), 'HEAD~1');
    const document = await documentOf(top);
    expect(document.cluster).toMatchObject({
      answers: false,
      reason: expect.stringContaining('does not answer'),
    });
    const rows = await rowsOf(top);
    expect(rows.get('feat')?.environments).toMatchObject([{ app: 'shop', slug: 'feat', state: 'unknown' }]);
    expect(rows.get('bare')?.environments).toEqual([]);
    const { code, stdout } = await home.wt(top, ['list']);
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => line.includes('does not answer'))).toHaveLength(1);
  });
});

describe('wt list --all', () => {
  test('lists each repository in which worktrees were listed, and forgets one that is gone', async () => {
    const other = home.repository('other');
    const third = home.repository('third');
    for (const folder of [top, other, third]) await home.wt(folder, ['list']);
    rmSync(third, { recursive: true });
    const { stdout } = await home.wt(home.folder, ['list', '--all', '--json']);
    const document = JSON.parse(stdout) as {
      repositories: { repository: { path: string }; items: ListItem[] }[];
    };
    validate(document);
    expect(validate.errors ?? []).toEqual([]);
    expect(document.repositories.map(({ repository }) => repository.path)).toEqual([
      join(other, '.git'),
      join(top, '.git'),
    ]);
    const text = (await home.wt(home.folder, ['list', '--all'])).stdout;
    expect(text).toContain(`${other}\n`);
  });

  test('without any says how one becomes known', async () => {
    const { code, stdout } = await home.wt(home.folder, ['list', '--all']);
    expect([code, stdout]).toEqual([0, 'no repository is known yet; `wt list` in one remembers it\n']);
  });
});

describe('wt without a verb', () => {
  test('says where one is and what may come next', async () => {
    add('feat');
    home.write(at('feat'), { 'x.txt': '1' });
    const { code, stdout } = await home.wt(at('feat'), []);
    expect(code).toBe(0);
    expect(stdout).toBe(
      `feat\n  worktree  ${at('feat')}\n  changes   ?1\n  to main   the same commit\n  try: wt create BRANCH\n       wt init\n`,
    );
    const { stdout: json } = await home.wt(at('feat'), ['--json']);
    expect(JSON.parse(json)).toMatchObject({
      worktree: { name: 'feat', current: true },
      next: ['wt create BRANCH', 'wt init'],
    });
  });

  test('with a coppice.yaml leads to wt up', async () => {
    home.write(top, { 'coppice.yaml': 'name: shop\n' });
    expect((await home.wt(top, [])).stdout).toContain('try: wt up');
  });

  test('outside of a repository, and in a bare one, begins with what wt is', async () => {
    const bare = at('bare.git');
    execFileSync('git', ['clone', '-q', '--bare', top, bare], { env: { ...process.env, ...home.env } });
    const next = [
      [home.folder, 'wt --help'],
      [bare, 'wt create BRANCH'],
    ] as const;
    for (const [folder, command] of next) {
      const { code, stdout } = await home.wt(folder, []);
      expect(code).toBe(0);
      expect(stdout).toContain('Every git worktree becomes a running environment');
      expect(stdout).toContain(command);
    }
  });
});
