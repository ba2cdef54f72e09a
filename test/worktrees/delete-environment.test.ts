import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';
import { Home } from './harness.ts';

let home: Home;
let shop: string;
let feat: string;
beforeEach(() => {
  home = new Home();
  shop = home.repository();
  feat = join(home.folder, 'shop.feat');
  home.git(shop, 'worktree', 'add', '-q', '-b', 'feat/login', feat);
  recordEnvironment();
});
afterEach(() => home.remove());

/** The state of an environment that was up, and a cluster that does not answer. */
function recordEnvironment(): void {
  const data = join(home.folder, '.data', 'coppice');
  const fixture = join(packageRoot(), 'test', 'fixtures', '0.1.0', 'share', 'coppice');
  mkdirSync(data, { recursive: true });
  for (const part of ['cluster.json', 'state', 'environments']) {
    cpSync(join(fixture, part), join(data, part), { recursive: true });
  }
  const kubeconfig = join(data, 'kubeconfig');
  const paths = [
    ['/home/user/src/shop/.git', join(shop, '.git')],
    ['/home/user/src/shop-feat-login', feat],
    ['/home/user/.local/share/coppice/kubeconfig', kubeconfig],
  ] as const;
  for (const file of filesBelow(data)) {
    const text = paths.reduce((all, [from, to]) => all.replaceAll(from, to), readFileSync(file, 'utf8'));
    writeFileSync(file, text);
  }
  const cluster = 'clusters: [{ name: coppice, cluster: { server: "https://127.0.0.1:1" } }]';
  const context = 'contexts: [{ name: coppice, context: { cluster: coppice, user: coppice } }]';
  const user = 'users: [{ name: coppice, user: { token: none } }]';
  writeFileSync(
    kubeconfig,
    `apiVersion: v1\nkind: Config\n${cluster}\n${context}\n${user}\ncurrent-context: coppice\n`,
  );
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

const noted = () => join(home.folder, '.data', 'coppice', 'removals', 'shop--feat-login.json');

test('while the cluster is down the environment is noted for later, and the rest is done', async () => {
  const result = await home.wt(shop, ['delete', 'feat/login', '--json']);
  expect(result, result.stdout).toMatchObject({ code: 0 });
  expect(JSON.parse(result.stdout)).toMatchObject({
    deletions: [
      {
        outcome: 'deleted',
        branchOutcome: 'deleted',
        worktree: 'moved',
        environments: [{ app: 'shop', slug: 'feat-login', state: 'pending' }],
        notes: [expect.stringContaining('shop/feat-login is removed by the next wt that reaches it')],
      },
    ],
  });
  expect(existsSync(noted())).toBe(true);
});

test('an undo before that needs no cluster, and the environment stays', async () => {
  await home.wt(shop, ['delete', 'feat/login']);
  const result = await home.wt(shop, ['undo', '--json']);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  expect(JSON.parse(result.stdout)).toMatchObject({
    databases: [{ slug: 'feat-login', state: 'never_removed' }],
  });
  expect(existsSync(noted())).toBe(false);
  expect(existsSync(join(feat, 'README.md'))).toBe(true);
});

test('a worktree that came back by other means keeps its environment', async () => {
  await home.wt(shop, ['delete', 'feat/login']);
  home.git(shop, 'worktree', 'add', '-q', '-b', 'feat/login', feat);
  home.git(shop, 'branch', 'other');
  await home.wt(shop, ['delete', 'other']);
  expect(existsSync(noted())).toBe(false);
});

test.each(['a branch alone', 'a worktree whose place another has now'])(
  'the note of %s stays until the cluster answers',
  async (what) => {
    const alone = what === 'a branch alone';
    if (alone) home.git(shop, 'worktree', 'remove', feat);
    await home.wt(shop, ['delete', 'feat/login']);
    if (!alone) home.git(shop, 'worktree', 'add', '-q', '-b', 'next', feat);
    home.git(shop, 'branch', 'other');
    await home.wt(shop, ['delete', 'other']);
    expect(existsSync(noted())).toBe(true);
  },
);

test('of an environment whose worktree is gone the full name and the slug are enough', async () => {
  home.git(shop, 'worktree', 'remove', feat);
  home.git(shop, 'branch', '-D', 'feat/login');
  for (const name of ['shop/feat-login', 'feat-login']) {
    const result = await home.wt(shop, ['delete', name, '--json']);
    expect(JSON.parse(result.stdout)).toMatchObject({
      deletions: [{ outcome: 'deleted', environments: [{ state: 'pending' }] }],
    });
  }
});

test('the environment of another repository with the same name is not touched', async () => {
  const other = home.repository('other');
  home.git(other, 'worktree', 'add', '-q', '-b', 'feat/login', join(home.folder, 'other.feat'));
  const result = await home.wt(other, ['delete', 'feat/login', '--json']);
  expect(JSON.parse(result.stdout)).toMatchObject({ deletions: [{ outcome: 'deleted', environments: [] }] });
  expect(existsSync(noted())).toBe(false);
});

test('nor with --purge, although it has an app of that name', async () => {
  const data = join(home.folder, '.data', 'coppice');
  const clone = join(home.folder, 'clone');
  home.git(home.folder, 'clone', '-q', shop, clone);
  writeFileSync(join(clone, 'coppice.yaml'), 'name: shop\nservices: { web: { image: nginx } }\n');
  home.git(clone, 'switch', '-q', '-c', 'elsewhere');
  home.git(clone, 'worktree', 'add', '-q', join(home.folder, 'clone.feat'), 'feat/login');
  const states = filesBelow(join(data, 'state'));
  const result = await home.wt(clone, ['delete', 'feat/login', '--purge', '--json']);
  expect(JSON.parse(result.stdout), result.stderr).toMatchObject({
    deletions: [{ outcome: 'deleted', environments: [] }],
  });
  expect(filesBelow(join(data, 'state'))).toEqual(states);
  expect(existsSync(noted())).toBe(false);
});

test('what an earlier environment left is noted to be purged, and nothing more', async () => {
  rmSync(join(home.folder, '.data', 'coppice', 'state'), { recursive: true });
  writeFileSync(join(shop, 'coppice.yaml'), 'name: shop\nservices: { web: { image: nginx } }\n');
  const result = await home.wt(shop, ['delete', 'feat/login', '--purge', '--json']);
  expect(JSON.parse(result.stdout), result.stderr).toMatchObject({
    deletions: [
      { outcome: 'deleted', environments: [{ app: 'shop', slug: 'feat-login', state: 'pending' }] },
    ],
  });
  expect(JSON.parse(readFileSync(noted(), 'utf8'))).toMatchObject({ removed: true, purge: true });
});

interface Row {
  readonly branch: string;
  readonly environments: { slug: string; renamedTo?: string; reasons: string[] }[];
}

test('after a rename of its branch the environment stays with its worktree, and every verb says so', async () => {
  home.git(feat, 'branch', '-m', 'feat/new');
  const listed = JSON.parse((await home.wt(shop, ['list', '--json'])).stdout) as { items: Row[] };
  expect(listed.items.find(({ branch }) => branch === 'feat/new')?.environments).toMatchObject([
    {
      slug: 'feat-login',
      renamedTo: 'feat/new',
      reasons: expect.arrayContaining([expect.stringContaining('feat/login is gone')]),
    },
  ]);
  expect((await home.wt(shop, ['list'])).stdout).toMatch(
    /its branch feat\/login is gone .*\n.*`wt down shop\/feat-login` removes it.*`git switch -c feat\/login`/,
  );
  const gc = JSON.parse((await home.wt(shop, ['gc', '--json'])).stdout) as {
    repositories: { items: { kind: string; action: string; protections: string[] }[] }[];
  };
  expect(gc.repositories[0]?.items.find(({ kind }) => kind === 'environment')).toMatchObject({
    action: 'keep',
    protections: expect.arrayContaining([expect.stringContaining('`wt down shop/feat-login` removes it')]),
  });
  const deleted = await home.wt(shop, ['delete', 'feat/new', '--json']);
  expect(JSON.parse(deleted.stdout), deleted.stderr).toMatchObject({
    deletions: [{ environments: [{ app: 'shop', slug: 'feat-login', state: 'pending' }] }],
  });
});

test('the environment of a branch that moved to another worktree goes with that one alone', async () => {
  home.git(feat, 'switch', '-q', '-c', 'other');
  const second = join(home.folder, 'shop.second');
  home.git(shop, 'worktree', 'add', '-q', second, 'feat/login');
  const listed = JSON.parse((await home.wt(shop, ['list', '--json'])).stdout) as { items: Row[] };
  expect(listed.items.find(({ branch }) => branch === 'feat/login')?.environments).toMatchObject([
    { slug: 'feat-login' },
  ]);
  const other = await home.wt(shop, ['delete', 'other', '--json']);
  expect(JSON.parse(other.stdout)).toMatchObject({ deletions: [{ outcome: 'deleted', environments: [] }] });
  const result = await home.wt(shop, ['delete', 'feat/login', '--json']);
  expect(JSON.parse(result.stdout)).toMatchObject({
    deletions: [{ outcome: 'deleted', environments: [{ slug: 'feat-login', state: 'pending' }] }],
  });
});
