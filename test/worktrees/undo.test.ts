import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../core/until.ts';
import { Home } from './harness.ts';

let home: Home;
let shop: string;
let feat: string;
beforeEach(() => {
  home = new Home();
  shop = home.repository();
  feat = join(home.folder, 'shop.feat');
  home.git(shop, 'worktree', 'add', '-q', '-b', 'feat', feat);
});
afterEach(() => home.remove());

const all = [
  '--discard-changes',
  '--discard-commits',
  '--abandon-operation',
  '--unlock',
  '--discard-submodule-commits',
];

async function remove(name = 'feat', ...args: string[]): Promise<void> {
  const result = await home.wt(shop, ['delete', name, ...all, ...args]);
  expect(result, result.stdout + result.stderr).toMatchObject({ code: 0 });
}

const trash = () => join(shop, '.git', 'coppice', 'trash');
const entries = () => (existsSync(trash()) ? readdirSync(trash()) : []);
const ok = (args: readonly string[] = [], cwd = shop) => home.wt(cwd, ['undo', ...args]);

test('everything is what it was: files, ignored ones, index, stash state, commits, upstream, reflog, lock', async () => {
  home.git(shop, 'update-ref', 'refs/remotes/origin/main', 'main');
  home.git(shop, 'remote', 'add', 'origin', join(home.folder, 'nowhere'));
  home.git(feat, 'branch', '-q', '--set-upstream-to=origin/main');
  home.git(shop, 'config', 'branch.feat.description', 'two\nlines');
  home.commit(feat, { 'work.txt': 'work' }, 'Work');
  writeFileSync(join(shop, '.git', 'info', 'exclude'), 'node_modules\n');
  home.write(feat, {
    'node_modules/a.js': 'a',
    'new.txt': 'new',
    'staged.txt': 'staged',
    'README.md': '# Changed\n',
  });
  home.git(feat, 'add', 'staged.txt');
  home.git(shop, 'worktree', 'lock', '--reason', 'mine', feat);
  const look = () => [
    home.git(feat, 'status', '--porcelain=v2', '--branch', '--ignored'),
    home.git(feat, 'log', '--format=%H %s'),
    home.git(feat, 'reflog', 'show', 'feat'),
    home.git(shop, 'config', '--get-regexp', '^branch\\.feat\\.'),
    home.git(shop, 'worktree', 'list', '--porcelain'),
  ];
  const before = look();
  await remove();
  // What an undo needs must outlive a collection of everything that nothing refers to.
  home.git(shop, 'reflog', 'expire', '--expire=now', '--all');
  home.git(shop, 'gc', '-q', '--prune=now');
  const folderFile = join(home.folder, 'folder');
  const undone = await home.wt(shop, ['undo'], { COPPICE_FOLDER_FILE: folderFile });
  expect(undone, undone.stderr).toMatchObject({ code: 0 });
  expect(readFileSync(folderFile, 'utf8')).toBe(feat);
  expect(look()).toEqual(before);
  expect(readFileSync(join(feat, 'node_modules', 'a.js'), 'utf8')).toBe('a');
  expect(home.git(feat, 'show', ':staged.txt')).toBe('staged');
  expect(home.git(shop, 'for-each-ref', 'refs/coppice')).toBe('');
});

test('a rebase in progress goes on, and its autostash comes back', async () => {
  home.commit(feat, { 'README.md': '# Mine\n', 'other.txt': 'other' }, 'Mine');
  home.commit(shop, { 'README.md': '# Theirs\n' }, 'Theirs');
  home.write(feat, { 'other.txt': 'half done' });
  expect(() => home.git(feat, 'rebase', '--autostash', 'main')).toThrow();
  await remove();
  home.git(shop, 'gc', '-q', '--prune=now');
  expect(await ok()).toMatchObject({ code: 0 });
  home.write(feat, { 'README.md': '# Both\n' });
  home.git(feat, 'add', 'README.md');
  home.git(feat, '-c', 'core.editor=true', 'rebase', '--continue');
  expect(home.git(feat, 'log', '--format=%s')).toBe('Mine\nTheirs\nBegin');
  expect(readFileSync(join(feat, 'other.txt'), 'utf8')).toBe('half done');
});

test('a detached HEAD, a submodule with commits of its own, and a folder without write permission', async () => {
  const lib = home.repository('lib');
  home.git(shop, 'submodule', '--quiet', 'add', lib, 'lib');
  home.git(shop, 'commit', '-q', '-m', 'Add lib');
  const detached = join(home.folder, 'detached');
  home.git(shop, 'worktree', 'add', '-q', '--detach', detached);
  home.git(detached, 'submodule', '--quiet', 'update', '--init');
  home.commit(join(detached, 'lib'), { 'a.txt': 'a' }, 'Only here');
  home.commit(detached, { 'b.txt': 'b' }, 'Nowhere else');
  chmodSync(detached, 0o555);
  const head = home.git(detached, 'rev-parse', 'HEAD');
  await remove('detached');
  const elsewhere = join(home.folder, 'else where');
  expect(await ok(['detached', '--path', elsewhere])).toMatchObject({ code: 0 });
  expect(home.git(elsewhere, 'rev-parse', 'HEAD')).toBe(head);
  expect(home.git(join(elsewhere, 'lib'), 'log', '--format=%s')).toBe('Only here\nBegin');
  expect(home.git(join(elsewhere, 'lib'), 'status', '--porcelain')).toBe('');
  expect(home.git(shop, 'worktree', 'list')).toContain('else where');
  chmodSync(elsewhere, 0o755);
});

test('a branch that exists again is not touched: another name is offered', async () => {
  const tip = home.commit(feat, { 'work.txt': 'work' }, 'Work');
  await remove();
  home.git(shop, 'branch', 'feat');
  const refused = await ok(['feat']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('--branch NAME');
  expect(home.git(shop, 'rev-parse', 'feat')).toBe(home.git(shop, 'rev-parse', 'main'));
  expect(await ok(['feat', '--branch', 'feat-2'])).toMatchObject({ code: 0 });
  expect(home.git(feat, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('feat-2');
  expect(home.git(shop, 'rev-parse', 'feat-2')).toBe(tip);
  expect(home.git(feat, 'status', '--porcelain')).toBe('');
});

test('what is at the old path now is not touched, and git may have given the name to another worktree', async () => {
  await remove();
  home.git(shop, 'worktree', 'add', '-q', '-b', 'other', feat);
  const refused = await ok(['feat']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`there is a folder at ${feat} now`);
  const place = join(home.folder, 'again');
  expect(await ok(['feat', '--path', place])).toMatchObject({ code: 0 });
  expect(home.git(place, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('feat');
  expect(home.git(feat, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('other');
});

test('of several a name is needed; each is listed; of one branch the latest is meant', async () => {
  home.git(shop, 'branch', 'b');
  await remove('b');
  home.write(feat, { 'new.txt': 'first' });
  await remove();
  home.git(shop, 'worktree', 'add', '-q', '-b', 'feat', feat);
  home.write(feat, { 'new.txt': 'second' });
  await remove();
  expect(await ok()).toMatchObject({ code: 2 });
  const listed = await home.wt(shop, ['undo', '--list', '--json']);
  const { deleted } = JSON.parse(listed.stdout) as {
    deleted: { name: string; id: string; path?: string; deletedAt: string; until: string }[];
  };
  // By the machine's own time, which a test's machine may round to a hundredth of a second.
  for (const { deletedAt, until } of deleted)
    expect((Date.parse(until) - Date.parse(deletedAt)) / 3_600_000).toBeCloseTo(72, 1);
  expect((await ok(['--list'])).stdout).toContain('kept for another');
  expect(deleted.map(({ name, path }) => [name, path])).toEqual([
    ['feat', feat],
    ['feat', feat],
    ['b', undefined],
  ]);
  expect(await ok(['feat'])).toMatchObject({ code: 0 });
  expect(readFileSync(join(feat, 'new.txt'), 'utf8')).toBe('second');
  expect(await ok(['b'])).toMatchObject({ code: 0 });
  expect(home.git(shop, 'branch', '--list', 'b')).toContain('b');
  expect(await ok(['never'])).toMatchObject({ code: 1 });
});

test('a folder that was removed by hand comes back as git has it', async () => {
  home.commit(feat, { 'work.txt': 'work' }, 'Work');
  rmSync(feat, { recursive: true });
  await remove();
  expect(await ok()).toMatchObject({ code: 0 });
  expect(home.git(feat, 'status', '-sb')).toContain('feat');
  expect(existsSync(join(feat, 'work.txt'))).toBe(true);
});

/** Makes the only entry seem to have been there for so many hours in which the machine ran. */
function ageBy(hours: number): string {
  const [entry = ''] = entries();
  const file = join(shop, '.git', 'coppice', 'trash-ages.json');
  const ages = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...ages, ages: { [entry]: hours * 3_600_000 } }));
  return entry;
}

/** Makes the only entry have another time of the clock. */
function dateBack(days: number): void {
  const [entry = ''] = entries();
  const file = join(trash(), entry, 'record.json');
  const record = JSON.parse(readFileSync(file, 'utf8')) as { deletedAt: object };
  const time = new Date(Date.now() - days * 86_400_000).toISOString();
  writeFileSync(
    file,
    JSON.stringify({ ...record, deletedAt: { ...record.deletedAt, boot: 'another', time } }),
  );
}

test('after 72 hours a later deletion removes it, with files that nobody may write to', async () => {
  mkdirSync(join(feat, 'sealed'));
  writeFileSync(join(feat, 'sealed', 'file'), '');
  chmodSync(join(feat, 'sealed'), 0o500);
  await remove();
  const old = ageBy(73);
  home.git(shop, 'branch', 'b');
  await remove('b');
  expect((await ok(['feat'])).code).toBe(1);
  const left = await until(() => entries().filter((name) => name.includes(old)), {
    every: 50,
    within: 60_000,
    done: (names) => names.length === 0,
  });
  expect(left).toEqual([]);
  expect(home.git(shop, 'for-each-ref', '--format=%(refname)', 'refs/coppice')).not.toContain(old);
});

test.each([
  ['ahead', 4000],
  ['back', -4000],
])('a clock that leapt %s over a restart removes nothing', async (_, days) => {
  await remove();
  dateBack(days);
  rmSync(join(shop, '.git', 'coppice', 'trash-ages.json'));
  home.git(shop, 'branch', 'b');
  await remove('b');
  expect((await ok(['--list'])).stdout).toContain('feat');
  expect(await ok(['feat'])).toMatchObject({ code: 0 });
});

test('one with a damaged record is named with the place of its files, and stays', async () => {
  home.write(feat, { 'new.txt': 'mine' });
  await remove();
  const [entry = ''] = entries();
  const tree = join(trash(), entry, 'tree');
  writeFileSync(join(trash(), entry, 'record.json'), '{"id": ');
  const listed = await ok(['--list']);
  expect(listed.stdout).toContain(tree);
  expect(listed.stdout).toContain(entry);
  const json = JSON.parse((await ok(['--list', '--json'])).stdout) as { damaged: object[] };
  expect(json.damaged).toMatchObject([{ id: entry, folder: join(trash(), entry) }]);
  for (const args of [['feat'], [], [entry]]) {
    const refused = await ok(args);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(tree);
  }
  rmSync(join(trash(), entry, 'record.json'));
  expect((await ok(['--list'])).stdout).toContain('it has no record');
  expect(readFileSync(join(tree, 'new.txt'), 'utf8')).toBe('mine');
});

test('what is younger, unfinished or from the future stays', async () => {
  await remove();
  home.git(shop, 'branch', 'b');
  home.git(shop, 'branch', 'c');
  ageBy(71);
  await remove('b');
  expect(entries()).toHaveLength(2);
  rmSync(join(trash(), entries().find((name) => name.startsWith('b-')) ?? 'none'), { recursive: true });
  dateBack(-40);
  await remove('c');
  expect(entries().some((name) => name.startsWith('feat-'))).toBe(true);
  expect(await ok(['feat'])).toMatchObject({ code: 0 });
});

test('a link in the place of a worktree is not deleted for it, and how to go on works', async () => {
  const real = join(home.folder, 'real');
  renameSync(feat, real);
  symlinkSync('real', feat);
  const refused = await home.wt(shop, ['delete', 'feat']);
  expect(refused.code).toBe(1);
  expect(refused.stdout + refused.stderr).toContain(`rm ${feat} && git worktree repair ${real}`);
  expect(home.git(feat, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('feat');
  expect(entries()).toEqual([]);
  rmSync(feat);
  home.git(shop, 'worktree', 'repair', real);
  await remove();
  expect(existsSync(real)).toBe(false);
  expect(await ok()).toMatchObject({ code: 0 });
  expect(home.git(real, 'status', '--porcelain')).toBe('');
});

test('files that are no longer in the trash are not said to be back', async () => {
  await remove();
  const [entry = ''] = entries();
  const [tree, away] = [join(trash(), entry, 'tree'), join(home.folder, 'away')];
  renameSync(tree, away);
  const refused = await ok();
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`neither in ${tree} nor in ${feat}`);
  expect(home.git(shop, 'worktree', 'list').split('\n')).toHaveLength(1);
  renameSync(away, tree);
  expect(await ok()).toMatchObject({ code: 0 });
  expect(home.git(feat, 'status', '-sb')).toBe('## feat');
});

test('one that cannot be moved back leaves all as it was, and another place may be given', async () => {
  await remove();
  const [entry = ''] = entries();
  const tree = join(trash(), entry, 'tree');
  const refused = await ok(['feat', '--path', '/proc/feat']);
  expect(refused.code).toBe(1);
  expect(existsSync(join(tree, '.git'))).toBe(false);
  expect(home.git(shop, 'worktree', 'list').split('\n')).toHaveLength(1);
  expect(home.git(shop, 'branch', '--list', 'feat')).toBe('');
  expect(await ok(['feat'])).toMatchObject({ code: 0 });
  expect(home.git(feat, 'status', '-sb')).toBe('## feat');
});

test('an undo and a create of one branch at once: one worktree, and each says what is', async () => {
  home.write(feat, { 'new.txt': 'new' });
  await remove();
  const [undone, created] = await Promise.all([ok(['feat']), home.wt(shop, ['create', 'feat', '--no-up'])]);
  expect(home.git(shop, 'worktree', 'list').split('\n')).toHaveLength(2);
  expect(home.git(feat, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('feat');
  expect([undone.code, created.code], undone.stderr + created.stderr).toContain(0);
  if (undone.code === 0) expect(readFileSync(join(feat, 'new.txt'), 'utf8')).toBe('new');
  else expect(undone.stderr).toMatch(/checked out in another worktree now|there is a branch feat again/);
});

test('while a worktree of its branch is made, an undo waits', async () => {
  await remove();
  const lock = join(shop, '.git', 'coppice', 'creating', 'feat.json');
  mkdirSync(join(lock, '..'), { recursive: true });
  const release = await lockfile.lock(lock, { realpath: false });
  const running = home.startWt(shop, ['undo', 'feat']);
  await running.seen(/waiting for the `wt` that makes a worktree of feat/);
  expect(existsSync(feat)).toBe(false);
  await release();
  expect(await running.ended).toMatchObject({ code: 0 });
  expect(home.git(feat, 'status', '-sb')).toBe('## feat');
});

test('a hook of git that takes long is shown, and Ctrl+C ends it', async () => {
  rmSync(feat, { recursive: true });
  await remove();
  const begun = join(home.folder, 'begun');
  const hook = join(shop, '.git', 'hooks', 'post-checkout');
  writeFileSync(hook, `#!/bin/sh\ntouch '${begun}'\nexec sleep 600\n`, { mode: 0o755 });
  const running = home.startWt(shop, ['undo']);
  await running.seen(/git worktree add/);
  await until(async () => existsSync(begun), { every: 50, within: 60_000, done: (there) => there });
  process.kill(running.pid, 'SIGINT');
  expect((await running.ended).code).not.toBe(0);
  rmSync(hook);
  expect(await ok()).toMatchObject({ code: 0 });
  expect(home.git(feat, 'status', '-sb')).toBe('## feat');
});

test('Tab offers what can be brought back, and no branch that exists', async () => {
  await remove();
  expect((await home.wt(shop, ['__complete', 'zsh', 'undo', ''])).stdout.trim().split('\n')).toEqual([
    'words',
    'feat\tdeleted',
  ]);
});
