import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
const branchIn = (folder: string) => home.git(folder, 'rev-parse', '--abbrev-ref', 'HEAD');
const worktreesOf = (folder: string) => home.git(folder, 'worktree', 'list').split('\n').length;

test('a new branch gets a folder beside the main worktree, and the shell is led there', async () => {
  const file = join(home.folder, 'where');
  const result = await home.wt(shop, ['create', 'feat/login'], { COPPICE_FOLDER_FILE: file });
  expect(result.code, result.stderr).toBe(0);
  const path = join(home.folder, 'shop.feat-login');
  expect(result.stdout).toContain('created the worktree of feat/login, from main');
  expect(result.stdout).toContain(path);
  expect(readFileSync(file, 'utf8')).toBe(path);
  expect(branchIn(path)).toBe('feat/login');
  expect(home.git(path, 'status', '--porcelain')).toBe('');
  expect(() => home.git(path, 'rev-parse', '@{upstream}')).toThrow();
  expect(home.git(shop, 'for-each-ref', 'refs/coppice')).toBe('');
});

test('run again it names the worktree that is there, from anywhere in the repository', async () => {
  const first = await create(shop, 'feat/login');
  expect(first).toMatchObject({
    exit: 0,
    created: true,
    base: { name: 'main' },
    environment: { state: 'none' },
  });
  expect(await create(first.path, 'feat/login')).toMatchObject({ exit: 0, created: false, path: first.path });
  expect(await create(shop, 'feat/login', '--from', 'main')).toMatchObject({ exit: 0, created: false });
  expect(await create(first.path, 'main')).toMatchObject({ created: false, path: shop });
  const moved = await create(shop, 'feat/login', '--path', '../other');
  expect(moved.notes.join()).toContain('git worktree move');
  expect(worktreesOf(shop)).toBe(2);
});

test('an existing branch is taken as it is, and --from another commit is refused', async () => {
  const tip = home.commit(shop, { a: 'a' }, 'More');
  home.git(shop, 'branch', 'old', 'HEAD~1');
  const made = await create(shop, 'old');
  expect(made).toMatchObject({ created: true, base: null });
  expect(home.git(made.path, 'rev-parse', 'HEAD')).not.toBe(tip);
  home.git(shop, 'branch', 'older', 'HEAD~1');
  expect(await create(shop, 'older', '--from', 'main')).toMatchObject({
    exit: 2,
    code: 'COPPICE_BRANCH_EXISTS',
  });
  expect(await create(shop, 'v2', '--from', 'HEAD~1')).toMatchObject({ base: { name: 'HEAD~1' } });
});

test('branches that git cannot have are refused before anything is made', async () => {
  home.git(shop, 'branch', 'feat');
  home.git(shop, 'branch', 'a/b');
  home.git(shop, 'tag', 'v1');
  for (const name of ['feat/x', 'a', 'two words', 'x..y', 'HEAD', '-x', 'v1', 'x.lock', '']) {
    const { code, stdout } = await home.wt(shop, ['create', '--json', '--', name]);
    expect([name, code]).toEqual([name, 2]);
    expect(JSON.parse(stdout).code).toMatch(/COPPICE_(BRANCH_NAME|USAGE)/);
  }
  expect(worktreesOf(shop)).toBe(1);
  expect(await create(shop, 'x', '--from', 'nope')).toMatchObject({ exit: 2 });
});

test('a folder in the way is left alone, and two branches with one slug have two', async () => {
  home.write(home.folder, { 'shop.notes/mine.txt': 'mine' });
  expect((await create(shop, 'notes')).exit).toBe(1);
  expect(readFileSync(join(home.folder, 'shop.notes/mine.txt'), 'utf8')).toBe('mine');
  expect(home.git(shop, 'branch', '--list', 'notes')).toBe('');
  writeFileSync(join(home.folder, 'shop.file'), 'mine');
  expect((await create(shop, 'file')).exit).toBe(1);
  mkdirSync(join(home.folder, 'shop.empty'));
  expect((await create(shop, 'empty')).exit).toBe(0);
  const [one, two] = [await create(shop, 'feat/a'), await create(shop, 'feat-a')];
  expect(one.path).not.toBe(two.path);
  expect([branchIn(one.path), branchIn(two.path)]).toEqual(['feat/a', 'feat-a']);
});

test('a place by template, by --path with spaces and other letters, and inside the repository', async () => {
  home.write(home.folder, {
    '.config/coppice/config.yaml': 'worktrees: { path: ".claude/worktrees/{slug}" }\n',
  });
  const inside = await create(shop, 'feat/a');
  expect(inside.path).toBe(join(shop, '.claude/worktrees/feat-a'));
  expect(home.git(shop, 'status', '--porcelain')).toBe('');
  const nested = await create(inside.path, 'feat/b');
  expect(nested.path).toBe(join(shop, '.claude/worktrees/feat-b'));
  const given = await create(shop, 'feat/c', '--path', '../ein Größe ✓');
  expect(given.path).toBe(join(home.folder, 'ein Größe ✓'));
  expect(branchIn(given.path)).toBe('feat/c');
});

test('of two repositories with one branch name each has its own', async () => {
  const other = home.repository('other');
  const paths = [await create(shop, 'feat'), await create(other, 'feat')].map(({ path }) => path);
  expect(paths).toEqual([join(home.folder, 'shop.feat'), join(home.folder, 'other.feat')]);
});

test('through a symbolic link the path is the real one', async () => {
  symlinkSync(home.folder, join(home.folder, 'link'));
  const made = await create(join(home.folder, 'link/shop'), 'feat');
  expect(made.path).toBe(realpathSync(join(home.folder, 'shop.feat')));
});

test('bare repositories, a detached HEAD and one without commits', async () => {
  home.git(home.folder, 'clone', '-q', '--bare', shop, 'proj/.bare');
  writeFileSync(join(home.folder, 'proj/.git'), 'gitdir: ./.bare\n');
  const first = await create(join(home.folder, 'proj'), 'main');
  expect(first).toMatchObject({ created: true, path: join(home.folder, 'proj/main') });
  expect(await create(first.path, 'feat/x')).toMatchObject({ path: join(home.folder, 'proj/feat-x') });
  home.git(home.folder, 'clone', '-q', '--bare', shop, 'kit.git');
  expect(await create(join(home.folder, 'kit.git'), 'feat')).toMatchObject({
    path: join(home.folder, 'kit.feat'),
  });

  home.git(shop, 'checkout', '-q', '--detach');
  expect(await create(shop, 'from-detached')).toMatchObject({ exit: 0, base: { name: 'main' } });

  const empty = join(home.folder, 'empty');
  mkdirSync(empty);
  home.git(empty, 'init', '-q');
  const refused = await home.wt(empty, ['create', 'feat']);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain('git commit --allow-empty');
  expect((await home.wt(home.folder, ['create', 'feat'])).stderr).toContain('not in a git repository');
});

test('- goes to the worktree before this one', async () => {
  expect(await create(shop, '-')).toMatchObject({ exit: 2 });
  const [a, b] = [await create(shop, 'a'), await create(shop, 'b')];
  expect(await create(b.path, '-')).toMatchObject({ created: false, path: shop });
  expect(await create(shop, '-')).toMatchObject({ path: b.path });
  await create(b.path, 'a');
  expect(await create(a.path, '-')).toMatchObject({ path: b.path });
});

test('a worktree whose folder was deleted by hand is made again, and a locked one stays registered', async () => {
  const made = await create(shop, 'feat');
  const tip = home.commit(made.path, { a: 'a' }, 'Work');
  renameSync(made.path, join(home.folder, 'gone'));
  expect(await create(shop, 'feat')).toMatchObject({ exit: 0, created: true, path: made.path });
  expect(home.git(made.path, 'rev-parse', 'HEAD')).toBe(tip);
  home.git(shop, 'worktree', 'lock', '--reason', 'on a disk', made.path);
  renameSync(made.path, join(home.folder, 'gone2'));
  const refused = await home.wt(shop, ['create', 'feat']);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain('on a disk');
  expect(worktreesOf(shop)).toBe(2);
});

test('a branch that a rebase holds counts as checked out', async () => {
  home.commit(shop, { a: '1' }, 'One');
  const made = await create(shop, 'feat', '--from', 'HEAD~1');
  home.commit(made.path, { a: '2' }, 'Two');
  expect(() => home.git(made.path, 'rebase', 'main')).toThrow();
  expect(await create(shop, 'feat')).toMatchObject({ exit: 0, created: false, path: made.path });
});

test('an agent is started there with the prompt, and its end is the result', async () => {
  home.write(home.folder, {
    'bin/fake': '#!/bin/sh\npwd\nprintf "%s|" "$@"\nexit 3\n',
    '.config/coppice/config.yaml': `agents: { fake: { command: [sh, ${join(home.folder, 'bin/fake')}], prompt: -m } }\n`,
  });
  const result = await home.wt(shop, ['create', 'fix', '--go', 'fake', '--', 'fix', 'the login']);
  expect(result.code).toBe(1);
  expect(result.stdout).toMatch(/created the worktree of fix[\s\S]*\n.*shop\.fix\n-m\|fix the login\|$/);
  expect((await home.wt(shop, ['create', 'x', '--go', 'nobody'])).code).toBe(2);
  expect((await home.wt(shop, ['create', 'x', '--json', '--go', 'fake'])).code).toBe(2);
  expect((await home.wt(shop, ['create', 'x', 'y'])).code).toBe(2);
  expect(existsSync(join(home.folder, 'shop.x'))).toBe(false);
});

test('what wt starts does not lead the shell: neither a hook nor a program', async () => {
  writeFileSync(
    join(shop, 'coppice.yaml'),
    'version: 1\nname: shop\nhooks: { created: "echo \\"<$COPPICE_FOLDER_FILE>\\" > seen" }\n',
  );
  home.git(shop, 'add', '-A');
  home.git(shop, 'commit', '-qm', 'A hook');
  const file = join(home.folder, 'where');
  const env = { COPPICE_FOLDER_FILE: file };
  const result = await home.wt(shop, ['create', 'feat/login', '--no-up', '--yes'], env);
  expect(result.code, result.stderr).toBe(0);
  const path = join(home.folder, 'shop.feat-login');
  expect(readFileSync(join(path, 'seen'), 'utf8')).toBe('<>\n');
  expect(readFileSync(file, 'utf8')).toBe(path);
  const ran = await home.wt(
    path,
    ['run', '--port-only', '--', 'sh', '-c', 'echo "<$COPPICE_FOLDER_FILE>"'],
    env,
  );
  expect(ran.stdout).toBe('<>\n');
});

test('its repository is in `wt list --all`, and the worktree counts as touched; looking does not', async () => {
  await create(shop, 'feat/login');
  const touched = join(shop, '.git', 'worktrees', 'shop.feat-login', 'coppice', 'touched');
  expect(existsSync(touched)).toBe(true);
  const all = await home.wt(home.folder, ['list', '--all', '--json']);
  expect(all.stdout).toContain(join(home.folder, 'shop.feat-login'));
  rmSync(touched);
  await home.wt(join(home.folder, 'shop.feat-login'), ['list']);
  expect(existsSync(touched)).toBe(false);
  await home.wt(shop, ['switch', 'feat/login']);
  expect(existsSync(touched)).toBe(true);
  rmSync(touched);
  await home.wt(join(home.folder, 'shop.feat-login'), ['run', '--port-only', '--', 'true']);
  expect(existsSync(touched)).toBe(true);
});
