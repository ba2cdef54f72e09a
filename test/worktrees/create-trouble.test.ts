import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../core/until.ts';
import { killed } from '../e2e/harness.ts';
import { Home } from './harness.ts';

let home: Home;
let shop: string;
beforeEach(() => {
  home = new Home();
  shop = home.repository();
});
afterEach(() => home.remove());

async function create(folder: string, ...args: string[]) {
  const result = await home.wt(folder, ['create', '--json', ...args]);
  expect(result.stdout, result.stderr).not.toBe('');
  return { exit: result.code, ...JSON.parse(result.stdout) };
}

/** A shell script that says that it runs, and then waits until somebody opens the other end of a pipe. */
function gate(name: string, before = '', after = ''): string {
  const script = join(home.folder, `${name}.sh`);
  execFileSync('mkfifo', [join(home.folder, `${name}.pipe`)]);
  writeFileSync(
    script,
    `#!/bin/sh\n${before}\n: > ${join(home.folder, `${name}.reached`)}\nread line < ${join(home.folder, `${name}.pipe`)}\n${after}\n`,
  );
  chmodSync(script, 0o755);
  return script;
}
const reached = (name: string) =>
  until(() => existsSync(join(home.folder, `${name}.reached`)), { every: 20 });

/** Kills `wt` and git at a gate. The lock of a dead process counts for seconds: here it is old at once. */
async function killAt(name: string, ...args: string[]): Promise<void> {
  const running = home.startWt(shop, ['create', ...args]);
  await reached(name);
  running.kill('SIGKILL');
  await running.ended;
  const locks = join(shop, '.git/coppice/creating');
  for (const lock of readdirSync(locks).filter((file) => file.endsWith('.lock')))
    utimesSync(join(locks, lock), 0, 0);
}
const isClean = (path: string) => expect(home.git(path, 'status', '--porcelain')).toBe('');
const marks = () => readdirSync(join(shop, '.git/coppice/creating'));

test('killed while git writes the files, the same command finishes them', async () => {
  home.commit(shop, { '.gitattributes': '*.slow filter=slow\n', 'a.slow': 'a\n', 'z.txt': 'z\n' }, 'Slow');
  home.git(shop, 'config', 'filter.slow.smudge', gate('filter', 'cat'));
  await killAt('filter', 'feat');
  const path = join(home.folder, 'shop.feat');
  expect(home.git(shop, 'worktree', 'list', '--porcelain')).toContain('locked initializing');
  expect(existsSync(join(path, 'z.txt'))).toBe(false);
  home.git(shop, 'config', '--unset', 'filter.slow.smudge');
  expect(await create(shop, 'feat')).toMatchObject({ exit: 0, created: true, path, base: { name: 'main' } });
  isClean(path);
  expect(home.git(shop, 'worktree', 'list', '--porcelain')).not.toContain('locked');
  expect(marks()).toEqual([]);
  expect(await create(shop, 'feat')).toMatchObject({ created: false, path });
});

test('killed before git knew the branch of the folder, the same command makes it', async () => {
  await create(shop, 'feat');
  const path = join(home.folder, 'shop.feat');
  // As `git worktree add` leaves it between the link of the folder and its HEAD.
  const folder = join(shop, '.git/worktrees/shop.feat');
  for (const name of readdirSync(path).filter((each) => each !== '.git'))
    renameSync(join(path, name), join(home.folder, name));
  writeFileSync(join(folder, 'HEAD'), `${'0'.repeat(40)}\n`);
  writeFileSync(join(folder, 'locked'), 'initializing');
  const mark = {
    branch: 'feat',
    worktree: path,
    newBranch: true,
    commit: home.git(shop, 'rev-parse', 'main'),
    base: 'main',
  };
  writeFileSync(join(shop, '.git/coppice/creating/feat.json'), JSON.stringify(mark));
  expect(await create(shop, 'feat')).toMatchObject({ exit: 0, created: true, path, base: { name: 'main' } });
  isClean(path);
  expect(home.git(path, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('feat');
});

test('killed in the post-checkout hook of git, and in the hook `created`, the same command goes on', async () => {
  renameSync(gate('checkout', '', ': > hooked'), join(shop, '.git/hooks/post-checkout'));
  const path = join(home.folder, 'shop.feat');
  await killAt('checkout', 'feat');
  writeFileSync(join(path, 'work.txt'), 'mine');
  expect(await create(shop, 'feat')).toMatchObject({ exit: 0, created: true, path });
  expect(readFileSync(join(path, 'work.txt'), 'utf8')).toBe('mine');

  const spec = `version: 1\nname: shop\nhooks: { created: "${gate('created', '', ': > after')}" }\n`;
  home.git(shop, 'config', 'core.hooksPath', '/dev/null');
  home.commit(shop, { 'coppice.yaml': spec }, 'Hook');
  await killAt('created', '--no-up', '--yes', 'more');
  const again = home.startWt(shop, ['create', '--json', '--no-up', 'more']);
  // It runs again, and now somebody opens the other end: once for the run that was killed, once for this one.
  const open = () => writeFileSync(join(home.folder, 'created.pipe'), 'go\n\n', { flag: 'r+' });
  open();
  const isPast = () => {
    open();
    return existsSync(join(home.folder, 'shop.more/after'));
  };
  await until(isPast, { every: 50 });
  const opening = setInterval(open, 50);
  const { stdout } = await again.ended;
  clearInterval(opening);
  expect(JSON.parse(stdout)).toMatchObject({ created: true, hook: { status: 'ran' } });
  expect(marks()).toEqual([]);
});

const status = (path: string) =>
  home
    .git(path, 'status', '--porcelain')
    .split('\n')
    .map((line) => line.trim());
const textOf = (...path: string[]) => readFileSync(join(...path), 'utf8');

test('killed while git writes the files, what a user wrote before the second run stays, and the rest is completed', async () => {
  const files = {
    '.gitattributes': '*.slow filter=slow\n',
    'a-long.txt': 'one\ntwo\nthree\n',
    'a-folder/b': 'b\n',
    'm.slow': 'm\n',
    'z.txt': 'z\n',
    'z-folder/y': 'y\n',
    'z-more/x': 'x\n',
  };
  home.commit(shop, files, 'Slow');
  home.git(shop, 'config', 'filter.slow.smudge', gate('filter', 'cat'));
  await killAt('filter', 'feat');
  home.git(shop, 'config', '--unset', 'filter.slow.smudge');
  const path = join(home.folder, 'shop.feat');
  expect(existsSync(join(path, 'z.txt'))).toBe(false);
  home.write(path, {
    'README.md': 'MY EDIT\n',
    'z.txt': 'my own z\n',
    'z-folder': 'a file\n',
    'new/a.txt': 'new\n',
    // As git leaves one at whose middle it is killed.
    'a-long.txt': 'one\ntw',
  });
  rmSync(join(path, 'a-folder'), { recursive: true });
  rmSync(join(shop, '.git/worktrees/shop.feat/index.lock'));
  home.git(path, 'add', 'new/a.txt');
  const { notes, ...made } = await create(shop, 'feat');
  expect(made).toMatchObject({ exit: 0, created: true, path });
  expect(status(path)).toEqual(['M README.md', 'D z-folder/y', 'M z.txt', '?? new/', '?? z-folder']);
  expect(textOf(path, 'README.md')).toBe('MY EDIT\n');
  expect(textOf(path, 'z.txt')).toBe('my own z\n');
  expect(textOf(path, 'z-folder')).toBe('a file\n');
  expect(textOf(path, 'new/a.txt')).toBe('new\n');
  const said = notes.join('\n');
  expect(said).toMatch(/README.md and 1 more: not as in the commit/);
  expect(said).toMatch(/z-folder\/y: not written/);
  const aside = /a-long.txt: cut short.* is under (\S+)/.exec(said)?.[1] ?? '';
  expect(textOf(aside, 'a-long.txt')).toBe('one\ntw');
  const staged = {
    env: { ...process.env, ...home.env, GIT_INDEX_FILE: join(aside, 'index') },
    encoding: 'utf8',
  } as const;
  expect(execFileSync('git', ['-C', path, 'ls-files'], staged)).toBe('new/a.txt\n');
});

test('killed after git wrote the files, a user may edit, delete, add, stage and commit before the second run', async () => {
  home.commit(shop, { 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n' }, 'Files');
  renameSync(gate('checkout'), join(shop, '.git/hooks/post-checkout'));
  await killAt('checkout', 'feat');
  home.git(shop, 'config', 'core.hooksPath', '/dev/null');
  const path = join(home.folder, 'shop.feat');
  home.write(path, { 'a.txt': 'staged\n', 'new.txt': 'new\n' });
  home.git(path, 'add', 'a.txt');
  home.write(path, { 'a.txt': 'edited\n' });
  rmSync(join(path, 'b.txt'));
  const commit = home.commit(path, { 'd.txt': 'd\n' }, 'Mine');
  home.write(path, { 'c.txt': 'c, edited\n' });
  const before = status(path);
  expect(await create(shop, 'feat')).toMatchObject({ exit: 0, created: true, path, notes: [] });
  expect(status(path)).toEqual(before);
  expect(before).toContain('D b.txt');
  expect(textOf(path, 'a.txt')).toBe('edited\n');
  expect(textOf(path, 'c.txt')).toBe('c, edited\n');
  expect(home.git(path, 'rev-parse', 'feat')).toBe(commit);
});

test('killed, and taken over for another branch by its user, it is left alone', async () => {
  renameSync(gate('checkout'), join(shop, '.git/hooks/post-checkout'));
  await killAt('checkout', 'feat');
  home.git(shop, 'config', 'core.hooksPath', '/dev/null');
  const path = join(home.folder, 'shop.feat');
  home.git(path, 'checkout', '-q', '--detach');
  const commit = home.commit(path, { 'd.txt': 'd\n' }, 'Mine');
  home.write(path, { 'e.txt': 'staged\n' });
  home.git(path, 'add', 'e.txt');
  const again = await create(shop, 'feat');
  expect(again).toMatchObject({ exit: 0, created: true });
  expect(again.path).not.toBe(path);
  expect(home.git(path, 'rev-parse', 'HEAD')).toBe(commit);
  expect(status(path)).toEqual(['A  e.txt']);
});

test('a git that outlives its wt is waited for: it would take its folder back under the next run', async () => {
  home.commit(shop, { '.gitattributes': '*.slow filter=slow\n', 'a.slow': 'a\n' }, 'Slow');
  home.git(shop, 'config', 'filter.slow.smudge', gate('filter', 'cat'));
  const first = home.startWt(shop, ['create', 'feat']);
  await reached('filter');
  await killed(first.pid);
  for (const lock of readdirSync(join(shop, '.git/coppice/creating')).filter((file) =>
    file.endsWith('.lock'),
  ))
    utimesSync(join(shop, '.git/coppice/creating', lock), 0, 0);
  home.git(shop, 'config', '--unset', 'filter.slow.smudge');
  const next = home.startWt(shop, ['create', 'feat']);
  await next.seen(/waiting for the git of an interrupted run/);
  writeFileSync(join(home.folder, 'filter.pipe'), 'go\n');
  const { code, stderr } = await next.ended;
  expect(code, stderr).toBe(0);
  isClean(join(home.folder, 'shop.feat'));
  expect(marks()).toEqual([]);
});

test('one that another program makes is named, with a deletion that can be undone', async () => {
  const { path } = await create(shop, 'feat');
  writeFileSync(join(shop, '.git/worktrees/shop.feat/locked'), 'initializing');
  home.write(path, { 'work.txt': 'mine\n' });
  const { code, stderr } = await home.wt(shop, ['create', 'feat']);
  expect(code).toBe(1);
  const hint = /none runs any more: wt (delete feat --unlock)/.exec(stderr)?.[1]?.split(' ') ?? [];
  const deleted = await home.wt(shop, [...hint, '--discard-changes']);
  expect(deleted.code, deleted.stderr).toBe(0);
  expect((await home.wt(shop, ['undo'])).code).toBe(0);
  expect(textOf(path, 'work.txt')).toBe('mine\n');
});

test('a worktree that was finished by hand after a kill, and is on another branch now, is left alone', async () => {
  const made = await create(shop, 'feat');
  home.git(made.path, 'checkout', '-q', '-b', 'mine');
  writeFileSync(join(made.path, 'work.txt'), 'mine');
  const mark = {
    branch: 'feat',
    worktree: made.path,
    newBranch: true,
    commit: made.base.commit,
    base: 'main',
  };
  writeFileSync(join(shop, '.git/coppice/creating/feat.json'), JSON.stringify(mark));
  const again = await create(shop, 'feat');
  expect(again).toMatchObject({ exit: 0, created: true });
  expect(again.path).not.toBe(made.path);
  expect(readFileSync(join(made.path, 'work.txt'), 'utf8')).toBe('mine');
});

test('Ctrl+C while git writes takes the worktree and its branch back', async () => {
  home.commit(shop, { '.gitattributes': '*.slow filter=slow\n', 'a.slow': 'a\n' }, 'Slow');
  home.git(shop, 'config', 'filter.slow.smudge', gate('filter', 'cat'));
  const running = home.startWt(shop, ['create', 'feat']);
  await reached('filter');
  running.kill('SIGINT');
  expect((await running.ended).code).toBe(1);
  expect(home.git(shop, 'branch', '--list', 'feat')).toBe('');
  expect(existsSync(join(home.folder, 'shop.feat'))).toBe(false);
  home.git(shop, 'config', '--unset', 'filter.slow.smudge');
  expect(await create(shop, 'feat')).toMatchObject({ exit: 0, created: true });
});

test('ten at once, of different branches with one configuration and of branches with one slug', async () => {
  home.git(home.folder, 'clone', '-q', shop, 'clone');
  const clone = join(home.folder, 'clone');
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  for (const name of names) home.git(shop, 'branch', name);
  const all = await Promise.all([...names, 'x/y', 'x-y', 'X/y', 'x.y'].map((name) => create(clone, name)));
  expect(all.map(({ exit, created }) => [exit, created])).toEqual(all.map(() => [0, true]));
  expect(all.flatMap(({ notes }) => notes)).toEqual([]);
  expect(new Set(all.map(({ path }) => path)).size).toBe(10);
  for (const name of names) expect(home.git(clone, 'config', `branch.${name}.remote`)).toBe('origin');
  for (const { path } of all) isClean(path);
});

test('ten at once of one branch make it once', async () => {
  const all = await Promise.all(Array.from({ length: 10 }, () => create(shop, 'feat')));
  expect(all.map(({ exit }) => exit)).toEqual(all.map(() => 0));
  expect(all.filter(({ created }) => created)).toHaveLength(1);
  expect(new Set(all.map(({ path }) => path)).size).toBe(1);
});

test('a checkout that fails leaves neither folder nor branch, and is named', async () => {
  home.commit(shop, { '.gitattributes': '*.bad filter=bad\n', 'a.bad': 'a\n' }, 'Bad');
  home.git(shop, 'config', 'filter.bad.smudge', 'false');
  home.git(shop, 'config', 'filter.bad.required', 'true');
  const result = await home.wt(shop, ['create', 'feat']);
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('filter false failed');
  expect(existsSync(join(home.folder, 'shop.feat'))).toBe(false);
  expect(home.git(shop, 'branch', '--list', 'feat')).toBe('');
  expect(marks()).toEqual([]);
});

test('a post-checkout hook of git that fails is a note', async () => {
  writeFileSync(
    join(shop, '.git/hooks/post-checkout'),
    '#!/bin/sh\npwd > seen\necho no direnv >&2\nexit 4\n',
    { mode: 0o755 },
  );
  const made = await create(shop, 'feat');
  expect(made).toMatchObject({ exit: 0, created: true });
  expect(made.notes.join()).toMatch(/post-checkout hook ended with exit code 4.*no direnv/);
  expect(readFileSync(join(made.path, 'seen'), 'utf8').trim()).toBe(made.path);
});

test('without git-lfs its files are pointers, and a note says so', async () => {
  home.commit(
    shop,
    { '.gitattributes': '*.bin filter=lfs\n', 'a.bin': 'version https://git-lfs\n' },
    'Large',
  );
  home.git(shop, 'config', 'filter.lfs.smudge', 'git-lfs smudge -- %f');
  home.git(shop, 'config', 'filter.lfs.process', 'git-lfs filter-process');
  home.git(shop, 'config', 'filter.lfs.required', 'true');
  const made = await create(shop, 'feat');
  expect(made).toMatchObject({ exit: 0, created: true });
  expect(made.notes.join()).toContain('git lfs pull');
  expect(readFileSync(join(made.path, 'a.bin'), 'utf8')).toContain('git-lfs');
});

test('submodules, one inside another, are filled without their remotes', async () => {
  const inner = home.repository('inner');
  const lib = home.repository('lib');
  home.git(lib, 'submodule', '--quiet', 'add', inner, 'deep/inner');
  home.git(lib, 'commit', '-qm', 'Inner');
  home.git(shop, 'submodule', '--quiet', 'add', '--name', 'the lib', lib, 'vendor/lib');
  home.git(shop, 'submodule', '--quiet', 'update', '--init', '--recursive');
  home.git(shop, 'commit', '-qm', 'Lib');
  for (const gone of [inner, lib]) renameSync(gone, `${gone}-gone`);
  const made = await create(shop, 'feat');
  expect(made).toMatchObject({ exit: 0, submodules: ['vendor/lib', 'vendor/lib/deep/inner'], notes: [] });
  expect(existsSync(join(made.path, 'vendor/lib/deep/inner/README.md'))).toBe(true);
  isClean(made.path);
  expect(home.git(join(made.path, 'vendor/lib'), 'remote', 'get-url', 'origin')).toBe(lib);
  expect(home.git(shop, 'config', 'submodule.the lib.url')).toBe(lib);
});

test('what a user committed in a submodule before a second run stays checked out', async () => {
  const lib = home.repository('lib');
  home.git(shop, 'submodule', '--quiet', 'add', lib, 'lib');
  home.git(shop, 'commit', '-qm', 'Lib');
  const made = await create(shop, 'feat');
  const commit = home.commit(join(made.path, 'lib'), { 'mine.txt': 'mine\n' }, 'Mine');
  const mark = {
    branch: 'feat',
    worktree: made.path,
    newBranch: true,
    commit: made.base.commit,
    base: 'main',
  };
  writeFileSync(join(shop, '.git/coppice/creating/feat.json'), JSON.stringify(mark));
  expect(await create(shop, 'feat')).toMatchObject({ exit: 0, created: true, submodules: ['lib'] });
  expect(home.git(join(made.path, 'lib'), 'rev-parse', 'HEAD')).toBe(commit);
});

test('a sparse checkout is that of the worktree of the base', async () => {
  home.commit(shop, { 'web/a': 'a', 'api/b': 'b' }, 'Two');
  home.git(shop, 'sparse-checkout', 'set', '--cone', 'web');
  const made = await create(shop, 'feat');
  expect(readdirSync(made.path).sort()).toEqual(['.git', 'README.md', 'web']);
  const full = await create(shop, 'full', '--from', 'feat');
  home.git(full.path, 'sparse-checkout', 'disable');
  expect(readdirSync((await create(full.path, 'again')).path)).not.toContain('api');
});

test('hooks: skipped without permission, and a failing one or a failing up leaves the worktree and says what next', async () => {
  home.commit(
    shop,
    { 'coppice.yaml': 'version: 1\nname: shop\nhooks: { created: "cat > ctx; exit 5" }\n' },
    'Hook',
  );
  const skipped = await create(shop, 'one', '--no-up');
  expect(skipped).toMatchObject({ exit: 0, created: true, hook: { status: 'skipped' } });
  const failed = await home.wt(shop, ['create', 'two', '--yes']);
  expect(failed.code).toBe(1);
  const path = join(home.folder, 'shop.two');
  expect(failed.stdout).toContain('exit code 5');
  expect(failed.stdout).toContain(`cd ${path} && wt up`);
  expect(JSON.parse(readFileSync(join(path, 'ctx'), 'utf8'))).toMatchObject({
    branch: 'two',
    base: 'main',
    defaultBranch: 'main',
    worktree: path,
    repository: shop,
  });
  home.commit(shop, { 'coppice.yaml': 'version: 1\nname: shop\nservices: 3\n' }, 'Broken');
  const broken = await create(shop, 'three');
  expect(broken).toMatchObject({
    exit: 1,
    created: true,
    environment: { state: 'failed', error: { code: 'COPPICE_SPEC' } },
  });
  expect(existsSync(join(home.folder, 'shop.three/README.md'))).toBe(true);
});

test('a hook `created` that failed or was left out is due at the next create of that branch, and only then', async () => {
  const fails = 'test -e ../may && echo $COPPICE_BASE >> ran';
  home.commit(
    shop,
    { 'coppice.yaml': `version: 1\nname: shop\nhooks: { created: ${JSON.stringify(fails)} }\n` },
    'Hook',
  );
  const path = join(home.folder, 'shop.one');
  const left = await create(shop, 'one', '--no-up');
  expect(left).toMatchObject({ hook: { status: 'skipped' }, notes: ['`wt create one --yes` runs the hook'] });
  const failed = await create(shop, 'one', '--no-up', '--yes');
  expect(failed).toMatchObject({
    exit: 1,
    created: false,
    hook: { status: 'failed' },
    notes: ['`wt create one` runs the hook again'],
  });
  home.write(home.folder, { may: '' });
  expect(await create(shop, 'one', '--no-up')).toMatchObject({ exit: 0, hook: { status: 'ran' }, notes: [] });
  expect(await create(shop, 'one', '--no-up')).toMatchObject({ exit: 0, hook: { status: 'none' } });
  expect(readFileSync(join(path, 'ran'), 'utf8')).toBe('main\n');
});

test('the hooks `switched` and `deleted` get the values that `created` got', async () => {
  const keep = 'env | grep ^COPPICE_ | sort > $HOME/$COPPICE_EVENT.txt; cat > $HOME/$COPPICE_EVENT.json';
  const spec = { version: 1, name: 'shop', hooks: { created: keep, switched: keep, deleted: keep } };
  home.commit(shop, { 'coppice.yaml': JSON.stringify(spec) }, 'Hooks');
  home.git(shop, 'tag', 'v1');
  const { path } = await create(shop, 'feat/a', '--from', 'v1', '--no-up', '--yes');
  expect((await home.wt(shop, ['switch', 'feat/a', '--yes'])).code).toBe(0);
  // What git keeps for it is asked where the folder is gone.
  rmSync(path, { recursive: true });
  const deleted = await home.wt(shop, ['delete', 'feat/a', '--yes']);
  expect(deleted.code, deleted.stderr).toBe(0);
  const valuesOf = (event: string) => [
    textOf(home.folder, `${event}.txt`).replace(`COPPICE_EVENT=${event}\n`, ''),
    { ...JSON.parse(textOf(home.folder, `${event}.json`)), event: '' },
  ];
  const created = valuesOf('created');
  expect(created[0]).toContain('COPPICE_BASE=v1\n');
  expect(created[0]).toContain('COPPICE_DEFAULT_BRANCH=main\n');
  expect(valuesOf('switched')).toEqual(created);
  expect(valuesOf('deleted')).toEqual(created);
});
