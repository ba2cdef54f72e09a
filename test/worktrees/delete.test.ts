import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';
import type { CommandResult } from '../e2e/harness.ts';
import { Home } from './harness.ts';
import { Terminal } from './terminal.ts';

let home: Home;
let shop: string;
beforeEach(() => {
  home = new Home();
  shop = home.repository();
});
afterEach(() => home.remove());

/** A worktree beside the repository, on a new branch of that name. */
function worktree(branch: string, at = join(home.folder, `shop.${branch.replaceAll('/', '-')}`)): string {
  home.git(shop, 'worktree', 'add', '-q', '-b', branch, at);
  return at;
}

interface Document {
  readonly deletions: readonly {
    readonly name: string;
    readonly outcome: string;
    readonly branchOutcome?: string;
    readonly worktree?: string;
    readonly again?: string;
    readonly notes: readonly string[];
    readonly integrated?: { readonly how: string };
    readonly error?: { readonly code: string; readonly hint?: string };
    readonly risks: readonly {
      readonly kind: string;
      readonly flag: string;
      readonly details: readonly string[];
    }[];
  }[];
}

async function remove(cwd: string, ...args: string[]) {
  const result = await home.wt(cwd, ['delete', '--json', ...args]);
  const { deletions } = JSON.parse(result.stdout) as Document;
  return { code: result.code, deletions, only: deletions[0], folder: cwd };
}

const kinds = (found: Awaited<ReturnType<typeof remove>>) => found.only?.risks.map(({ kind }) => kind);
const branches = () =>
  home.git(shop, 'for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads').split('\n');

function expectRefused(result: CommandResult, ...texts: readonly string[]): void {
  expect(result.code).toBe(1);
  for (const text of texts) expect(result.stdout).toContain(text);
}

describe('what is deleted', () => {
  test('this worktree with its branch, and the shell is led to the main worktree', async () => {
    const feat = worktree('team/feat');
    const folderFile = join(home.folder, 'folder');
    const result = await home.wt(feat, ['delete'], { COPPICE_FOLDER_FILE: folderFile });
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout).toContain('deleted team/feat');
    expect(result.stdout).toContain('wt undo team-feat-');
    expect(readFileSync(folderFile, 'utf8')).toBe(shop);
    expect(existsSync(feat)).toBe(false);
    expect(home.git(shop, 'worktree', 'list').split('\n')).toHaveLength(1);
    expect(branches()).toEqual(['main']);
  });

  test('by branch, slug and path, several at once, and each of them once', async () => {
    worktree('team/a');
    worktree('b');
    const c = worktree('c');
    const found = await remove(shop, 'team-a', 'b', c, 'b');
    expect(found.deletions.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['team/a', 'deleted'],
      ['b', 'deleted'],
      ['c', 'deleted'],
    ]);
    expect(branches()).toEqual(['main']);
  });

  test('one that is refused or unknown stops no other', async () => {
    home.write(worktree('a'), { 'new.txt': 'new' });
    worktree('b');
    const found = await remove(shop, 'a', 'nothing', 'b');
    expect(found.code).toBe(1);
    expect(found.deletions.map(({ outcome }) => outcome)).toEqual(['refused', 'failed', 'deleted']);
    expect(branches()).toEqual(['a', 'main']);
  });

  test('twice says that there is nothing to do; a name that never was is an error', async () => {
    worktree('a');
    await remove(shop, 'a');
    expect(await remove(shop, 'a')).toMatchObject({ code: 0, only: { outcome: 'already_deleted' } });
    const unknown = await remove(shop, 'never');
    expect(unknown).toMatchObject({ code: 1, only: { error: { code: 'COPPICE_NO_WORKTREE' } } });
  });

  test('what was deleted earlier is purged by the same command; without a cluster there is nothing to purge', async () => {
    worktree('a');
    await remove(shop, 'a');
    const purged = await remove(shop, 'a', '--purge');
    expect(purged).toMatchObject({ code: 0, only: { outcome: 'already_deleted' } });
  });

  test('from a shell that still stands in the deleted folder it says the same', async () => {
    const feat = worktree('feat');
    await remove(feat);
    const [entry = ''] = home
      .git(shop, 'for-each-ref', '--format=%(refname:lstrip=3)', 'refs/coppice')
      .split('/');
    const trashed = join(shop, '.git', 'coppice', 'trash', entry, 'tree');
    expect(await remove(trashed)).toMatchObject({
      code: 0,
      only: { name: 'feat', outcome: 'already_deleted' },
    });
    expect(existsSync(join(shop, 'README.md'))).toBe(true);
  });

  test('a branch without a worktree', async () => {
    home.git(shop, 'branch', 'old');
    expect(await remove(shop, 'old')).toMatchObject({ code: 0, only: { branchOutcome: 'deleted' } });
    expect(branches()).toEqual(['main']);
  });

  test('exactly the branch that is named, and no worktree with that short name', async () => {
    const slash = worktree('feat/login');
    const other = worktree('other', join(home.folder, 'here'));
    for (const branch of ['feat-login', 'here']) home.git(shop, 'branch', branch);
    const found = await remove(other, 'feat-login');
    expect(found).toMatchObject({ code: 0, only: { name: 'feat-login', branchOutcome: 'deleted' } });
    expect(found.only?.worktree).toBeUndefined();
    expect(branches()).toEqual(['feat/login', 'here', 'main', 'other']);
    expect(existsSync(slash)).toBe(true);
    expect(await remove(slash, '../here')).toMatchObject({ code: 0, only: { name: 'other' } });
    expect(branches()).toEqual(['feat/login', 'here', 'main']);
    // What was deleted has a short name too.
    expect(await remove(shop, 'feat/login')).toMatchObject({ code: 0 });
    expect((await home.wt(shop, ['undo', 'feat-login'])).code).toBe(0);
    expect(branches()).toEqual(['feat-login', 'here', 'main']);
  });

  test('a worktree whose folder was removed by hand, and no other that is absent', async () => {
    const [a, b] = [worktree('a'), worktree('b')];
    rmSync(a, { recursive: true });
    rmSync(b, { recursive: true });
    const found = await remove(shop, 'a');
    expect(found).toMatchObject({ code: 0, only: { outcome: 'deleted', worktree: 'absent' } });
    expect(home.git(shop, 'worktree', 'list')).toContain('[b]');
    expect(branches()).toEqual(['b', 'main']);
  });

  test('a folder that is another repository now stays', async () => {
    const a = worktree('a');
    rmSync(a, { recursive: true });
    home.git(shop, 'init', '-q', a);
    home.write(a, { 'mine.txt': 'mine' });
    expect(await remove(shop, 'a')).toMatchObject({ code: 0, only: { worktree: 'absent' } });
    expect(existsSync(join(a, 'mine.txt'))).toBe(true);
  });

  test('a worktree inside the repository, one with spaces, and one that was moved by hand', async () => {
    const inside = worktree('inside', join(shop, '.claude', 'worktrees', 'inside'));
    const spaced = worktree('spaced', join(home.folder, 'a folder'));
    const moved = join(home.folder, 'elsewhere');
    renameSync(worktree('moved'), moved);
    home.write(moved, { 'new.txt': 'new' });
    expect(kinds(await remove(moved))).toEqual(['changes']);
    expect(kinds(await remove(shop, moved))).toEqual(['changes']);
    const found = await remove(moved, '--discard-changes');
    expect(found).toMatchObject({ code: 0, only: { name: 'moved', worktree: 'moved' } });
    expect(await remove(shop, 'inside', 'spaced')).toMatchObject({ code: 0 });
    expect([inside, spaced, moved].filter((path) => existsSync(path))).toEqual([]);
  });

  test('a folder that nobody may write to', async () => {
    const feat = worktree('feat');
    chmodSync(feat, 0o555);
    expect(await remove(shop, 'feat')).toMatchObject({ code: 0, only: { worktree: 'moved' } });
    expect(existsSync(feat)).toBe(false);
  });

  test('in a bare repository with worktrees beside it', async () => {
    const bare = join(home.folder, 'project', '.bare');
    home.git(shop, 'clone', '-q', '--bare', shop, bare);
    const [main, feat] = ['main', 'feat'].map((name) => join(home.folder, 'project', name));
    home.git(bare, 'worktree', 'add', '-q', main ?? '', 'main');
    home.git(bare, 'worktree', 'add', '-q', '-b', 'feat', feat ?? '');
    const folderFile = join(home.folder, 'folder');
    const result = await home.wt(feat ?? '', ['delete'], { COPPICE_FOLDER_FILE: folderFile });
    expect(result.code).toBe(0);
    expect(readFileSync(folderFile, 'utf8')).toBe(main);
    expect(await remove(main ?? '')).toMatchObject({
      code: 1,
      only: { error: { code: 'COPPICE_MAIN_WORKTREE' } },
    });
  });
});

describe('what is never deleted', () => {
  test('the main worktree and the default branch', async () => {
    for (const name of [undefined, 'main', shop]) {
      const found = await remove(shop, ...(name === undefined ? [] : [name]));
      expect(found).toMatchObject({ code: 1, only: { error: { code: 'COPPICE_MAIN_WORKTREE' } } });
    }
    home.git(shop, 'checkout', '-q', '-b', 'feat');
    const main = join(home.folder, 'shop.main');
    home.git(shop, 'worktree', 'add', '-q', main, 'main');
    expect(await remove(main)).toMatchObject({ code: 1, only: { error: { code: 'COPPICE_MAIN_WORKTREE' } } });
    expect(await remove(main, '--keep-branch')).toMatchObject({
      code: 0,
      only: { branchOutcome: 'kept_asked' },
    });
    expect(branches()).toEqual(['feat', 'main']);
  });

  test('a branch that another worktree is on', async () => {
    const feat = worktree('feat');
    const second = join(home.folder, 'second');
    home.git(shop, 'worktree', 'add', '-q', '--force', second, 'feat');
    const found = await remove(feat);
    expect(found).toMatchObject({ code: 0, only: { branchOutcome: 'kept_checked_out' } });
    expect(home.git(second, 'status', '-sb')).toContain('feat');
  });

  test('anything with --force', async () => {
    worktree('feat');
    const result = await home.wt(shop, ['delete', 'feat', '--force']);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('there is no --force');
    expect(branches()).toEqual(['feat', 'main']);
  });
});

describe('risks', () => {
  test('all are named at once, each with its option, and nothing is touched', async () => {
    const feat = worktree('feat');
    home.commit(feat, { 'work.txt': 'work' }, 'Work of a day');
    home.write(feat, { 'README.md': '# Changed\n', 'new.txt': 'new' });
    home.git(shop, 'worktree', 'lock', '--reason', 'on a disk that is not always there', feat);
    const result = await home.wt(shop, ['delete', 'feat']);
    expectRefused(
      result,
      'README.md',
      'new.txt',
      '--discard-changes',
      'Work of a day',
      '--discard-commits',
      'on a disk that is not always there',
      '--unlock',
      'wt delete feat --discard-changes --discard-commits --unlock',
    );
    expect(home.git(feat, 'status', '--porcelain').split('\n')).toHaveLength(2);
    const again = (await remove(shop, 'feat')).only?.again?.split(' ').slice(2) ?? [];
    expect(await remove(shop, ...again)).toMatchObject({ code: 0 });
    expect(existsSync(feat)).toBe(false);
  });

  test('a worktree in its folder, and a repository of its own there, ignored or not, are named', async () => {
    home.write(join(shop, '.git', 'info'), { exclude: '.claude/worktrees\nvendored\n' });
    const outer = worktree('outer');
    const inner = worktree('inner', join(outer, '.claude', 'worktrees', 'inner'));
    home.write(inner, { 'new.txt': 'new' });
    const both = await remove(shop, 'outer', 'inner', '--discard-repositories');
    expect(both.deletions.map(({ outcome }) => outcome)).toEqual(['failed', 'refused']);
    const text = (await home.wt(shop, ['delete', 'outer'])).stdout;
    for (const part of [inner, 'new.txt', 'wt delete inner first']) expect(text).toContain(part);
    expect(existsSync(join(inner, 'new.txt'))).toBe(true);
    rmSync(join(inner, 'new.txt'));

    const vendored = join(outer, 'deep', 'vendored');
    home.git(shop, 'clone', '-q', shop, vendored);
    home.write(shop, { 'deep/kept.txt': 'x' });
    home.commit(outer, { 'deep/kept.txt': 'x' }, 'Deep');
    home.commit(vendored, { 'work.txt': 'x' }, 'Work in it');
    const refused = await remove(shop, 'outer', 'inner', '--discard-commits');
    expect(refused.deletions.map(({ outcome }) => outcome)).toEqual(['refused', 'deleted']);
    expect(kinds(refused)).toEqual(['repositories']);
    expect(refused.only?.risks[0]?.details[0]).toContain('Work in it');
    home.git(vendored, 'push', '-q', 'origin', 'HEAD:refs/heads/saved');
    expect(await remove(shop, 'outer', '--discard-commits')).toMatchObject({ code: 0 });
  });

  test('of two worktrees inside each other both are deleted by one command', async () => {
    home.write(join(shop, '.git', 'info'), { exclude: '.claude/worktrees\n' });
    const outer = worktree('outer');
    worktree('inner', join(outer, '.claude', 'worktrees', 'inner'));
    const found = await remove(shop, 'outer', 'inner');
    expect(found.deletions.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['outer', 'deleted'],
      ['inner', 'deleted'],
    ]);
  });

  test('a program that reads the output is none, and one that was started before is', async () => {
    const feat = worktree('feat');
    const run = (script: string) =>
      spawnSync('bash', ['-c', script, 'bash', process.execPath, join(packageRoot(), 'bin', 'wt')], {
        cwd: feat,
        env: { ...process.env, ...home.env },
        encoding: 'utf8',
      });
    const other = run('sleep 600 >&2 & "$1" "$2" delete --json | cat; kill $!; wait');
    const [refused] = (JSON.parse(other.stdout) as Document).deletions;
    expect(refused?.risks.map(({ details }) => details.map((one) => one.replace(/^\d+ /, '')))).toEqual([
      ['sleep 600'],
    ]);
    expect(run('"$1" "$2" delete --json | cat | tee').stdout).toContain('"outcome": "deleted"');
  });

  test('ignored files alone are none; a new file is, whatever the settings say of new files', async () => {
    const feat = worktree('feat');
    home.git(shop, 'config', 'status.showUntrackedFiles', 'no');
    home.write(join(shop, '.git', 'info'), { exclude: 'ignored\n' });
    home.write(feat, { ignored: 'x', 'new.txt': 'new' });
    expect(kinds(await remove(shop, 'feat'))).toEqual(['changes']);
    rmSync(join(feat, 'new.txt'));
    expect(await remove(shop, 'feat')).toMatchObject({ code: 0 });
  });

  test('commits that are pushed, merged or squashed are none', async () => {
    const origin = join(home.folder, 'origin.git');
    home.git(shop, 'clone', '-q', '--bare', shop, origin);
    home.git(shop, 'remote', 'add', 'origin', origin);
    home.commit(worktree('pushed'), { 'a.txt': 'a' }, 'A');
    home.git(shop, 'push', '-q', 'origin', 'pushed');
    home.commit(worktree('squashed'), { 'b.txt': 'b' }, 'B');
    home.git(shop, 'merge', '-q', '--squash', 'squashed');
    home.git(shop, 'commit', '-q', '-m', 'Squash');
    home.commit(shop, { 'c.txt': 'c' }, 'C');
    const found = await remove(shop, 'pushed', 'squashed');
    expect(found).toMatchObject({ code: 0 });
    expect(found.deletions.map(({ integrated }) => integrated?.how)).toEqual([undefined, 'merge']);
  });

  test('two branches that only contain each other do not save each other', async () => {
    home.commit(worktree('a'), { 'a.txt': 'a' }, 'A');
    home.git(shop, 'worktree', 'add', '-q', '-b', 'b', join(home.folder, 'shop.b'), 'a');
    const found = await remove(shop, 'a', 'b');
    expect(found.deletions.map(({ risks }) => risks.map(({ kind }) => kind))).toEqual([
      ['commits'],
      ['commits'],
    ]);
    expect(await remove(shop, 'a')).toMatchObject({ code: 0 });
    expect(kinds(await remove(shop, 'b'))).toEqual(['commits']);
  });

  test('with --keep-branch the commits are none', async () => {
    home.commit(worktree('feat'), { 'a.txt': 'a' }, 'A');
    expect(await remove(shop, 'feat', '--keep-branch')).toMatchObject({
      code: 0,
      only: { branchOutcome: 'kept_asked' },
    });
    expect(branches()).toEqual(['feat', 'main']);
  });

  test('commits on a detached HEAD are', async () => {
    const detached = join(home.folder, 'detached');
    home.git(shop, 'worktree', 'add', '-q', '--detach', detached);
    home.commit(detached, { 'a.txt': 'a' }, 'Nowhere else');
    const found = await remove(detached);
    expect(found.only?.risks).toMatchObject([
      { kind: 'commits', details: [expect.stringContaining('Nowhere else')] },
    ]);
    home.git(detached, 'tag', 'kept');
    expect(await remove(detached)).toMatchObject({ code: 0 });
  });

  test('a rebase in progress is', async () => {
    const feat = worktree('feat');
    home.commit(feat, { 'README.md': '# Mine\n' }, 'Mine');
    home.commit(shop, { 'README.md': '# Theirs\n' }, 'Theirs');
    expect(() => home.git(feat, 'rebase', 'main')).toThrow();
    expect(kinds(await remove(shop, 'feat'))).toEqual(['changes', 'operation', 'commits']);
  });

  test('changes and commits inside a submodule are', async () => {
    const lib = home.repository('lib');
    home.git(shop, 'submodule', '--quiet', 'add', lib, 'lib');
    home.git(shop, 'commit', '-q', '-m', 'Add lib');
    const feat = worktree('feat');
    home.git(feat, 'submodule', '--quiet', 'update', '--init');
    home.write(join(feat, 'lib'), { 'new.txt': 'new' });
    home.git(shop, 'config', 'submodule.lib.ignore', 'all');
    expect(kinds(await remove(shop, 'feat'))).toEqual(['changes']);
    home.commit(join(feat, 'lib'), { 'new.txt': 'new' }, 'Only here');
    home.git(feat, 'commit', '-qam', 'Take it');
    home.git(shop, 'update-ref', 'refs/remotes/origin/feat', 'feat');
    const found = await remove(shop, 'feat');
    expect(found.only?.risks).toMatchObject([
      { kind: 'submodule-commits', details: [expect.stringContaining('Only here')] },
    ]);
    expect(await remove(shop, 'feat', '--discard-submodule-commits')).toMatchObject({ code: 0 });
  });

  test('the lock of an ended process is released and named; that of one that runs is a risk', async () => {
    const feat = worktree('feat');
    home.git(shop, 'worktree', 'lock', '--reason', `claude session feat (pid ${process.pid} start 1)`, feat);
    const ended = await remove(shop, 'feat');
    expect(ended.only?.notes.join('\n')).toContain('claude session feat');
    expect(ended.code).toBe(0);
    const other = worktree('other');
    home.git(shop, 'worktree', 'lock', '--reason', `claude session other (pid ${process.pid})`, other);
    expect(kinds(await remove(shop, 'other'))).toEqual(['locked']);
    rmSync(other, { recursive: true });
    expect(kinds(await remove(shop, 'other'))).toEqual(['locked']);
  });

  test('a process with its directory there is, and ends only when asked to', async () => {
    const feat = worktree('feat');
    const { spawn } = await import('node:child_process');
    const child = spawn('sleep', ['600'], { cwd: feat });
    try {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      expect((await remove(shop, 'feat')).only?.risks).toMatchObject([
        { kind: 'processes', details: [`${child.pid} sleep 600`] },
      ]);
      expect(child.exitCode).toBeNull();
      expect(await remove(shop, 'feat', '--end-processes')).toMatchObject({ code: 0 });
      await ended;
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('entries of the stash stay, and are mentioned', async () => {
    const feat = worktree('feat');
    home.write(feat, { 'README.md': '# Half done\n' });
    home.git(feat, 'stash', 'push', '-q');
    const found = await remove(shop, 'feat');
    expect(found.only?.notes.join('\n')).toContain('the stash keeps an entry');
    expect(home.git(shop, 'stash', 'list')).toContain('WIP on feat');
  });
});

test('commits that only the reflog of a detached worktree or refs/worktree has are named', async () => {
  const det = join(home.folder, 'det');
  home.git(shop, 'worktree', 'add', '-q', '--detach', det);
  home.commit(det, { 'a.txt': 'a' }, 'Left behind');
  home.git(det, 'checkout', '-q', 'HEAD~1');
  const left = await remove(shop, 'det');
  expect(kinds(left)).toEqual(['commits']);
  expect(left.only?.risks[0]?.details.join()).toContain('Left behind');
  home.git(det, 'update-ref', 'refs/worktree/mine', 'HEAD@{1}');
  home.git(det, 'reflog', 'expire', '--expire=now', '--all');
  expect(kinds(await remove(shop, 'det'))).toEqual(['commits']);
  home.git(det, 'branch', 'saved', 'refs/worktree/mine');
  expect(await remove(shop, 'det')).toMatchObject({ code: 0, only: { outcome: 'deleted' } });
});

test('a folder that was moved without git is found beside a worktree, and taken up where it is after all', async () => {
  const feat = worktree('feat');
  const moved = join(home.folder, 'moved');
  home.commit(feat, { 'a.txt': 'a' }, 'Work');
  home.git(shop, 'merge', '-q', 'feat');
  home.write(feat, { 'a.txt': 'changed' });
  home.git(feat, 'add', 'a.txt');
  renameSync(feat, moved);
  const refused = await home.wt(shop, ['delete', 'feat']);
  expectRefused(refused, `git worktree repair ${moved}`, '--leave-moved');
  expect(await remove(shop, 'feat', '--leave-moved')).toMatchObject({
    code: 0,
    only: { worktree: 'absent' },
  });
  expect(await home.wt(shop, ['undo', 'feat', '--path', moved])).toMatchObject({ code: 0 });
  expect(home.git(moved, 'status', '--porcelain', '--branch')).toBe('## feat\nM  a.txt');
  expect(home.git(shop, 'worktree', 'list', '--porcelain')).toContain(`worktree ${moved}`);
});

test('a git command that holds the lock of the index, or was killed with it, is a risk', async () => {
  const feat = worktree('feat');
  const lock = join(shop, '.git', 'worktrees', 'shop.feat', 'index.lock');
  home.write(shop, { '.git/worktrees/shop.feat/index.lock': '' });
  const refused = await remove(feat);
  expect(refused.only?.risks).toMatchObject([{ kind: 'operation', details: [lock] }]);
  expect(await remove(feat, '--abandon-operation')).toMatchObject({ code: 0 });
});

test('a coppice.yaml that may have lost its hook stops the deletion', async () => {
  home.commit(
    shop,
    { 'coppice.yaml': 'version: 1\nname: shop\nhooks: { deleted: touch ../torn }\n' },
    'Hook',
  );
  const feat = worktree('feat');
  home.commit(feat, { 'coppice.yaml': 'version: [\n' }, 'Break it');
  const result = await home.wt(feat, ['delete', '--keep-branch', '--yes']);
  expect(result).toMatchObject({ code: 1 });
  expect(result.stdout).toContain('coppice.yaml has mistakes');
  expect(result.stdout).toContain('--skip-hooks');
  expect(existsSync(feat)).toBe(true);
});

describe('the hook `deleted`', () => {
  const spec = (command: string) =>
    `version: 1\nname: shop\nservices:\n  web: { runtime: node, command: node a.js, port: 3000 }\nhooks:\n  deleted: ${JSON.stringify(command)}\n`;

  test('runs before the move; what it changes is looked at again', async () => {
    home.commit(shop, { 'coppice.yaml': spec('cp README.md "$HOME/seen"') }, 'Hook');
    worktree('a');
    expect(await remove(shop, 'a', '--yes')).toMatchObject({ code: 0 });
    expect(readFileSync(join(home.folder, 'seen'), 'utf8')).toBe('# Shop\n');
    home.commit(shop, { 'coppice.yaml': spec('touch new.txt') }, 'Another hook');
    const b = worktree('b');
    const found = await remove(shop, 'b', '--yes');
    expect(found).toMatchObject({ code: 1, only: { outcome: 'failed', error: { code: 'COPPICE_DELETE' } } });
    expect(existsSync(join(b, 'new.txt'))).toBe(true);
  });

  test('runs in the folder of the app that corresponds to the current one, and from the top in that of each', async () => {
    for (const app of ['shop', 'admin']) {
      const text = spec(`pwd >> "$HOME/seen"`).replace('name: shop', `name: ${app}`);
      home.commit(shop, { [`apps/${app}/coppice.yaml`]: text }, app);
    }
    const [a, b] = [worktree('a'), worktree('b')];
    const seen = () => readFileSync(join(home.folder, 'seen'), 'utf8').trim().split('\n');
    expect(await remove(join(shop, 'apps', 'shop'), 'a', '--yes')).toMatchObject({ code: 0 });
    expect(seen()).toEqual([join(a, 'apps', 'shop')]);
    expect(await remove(shop, 'b', '--yes')).toMatchObject({ code: 0 });
    expect(seen().slice(1).sort()).toEqual(['admin', 'shop'].map((app) => join(b, 'apps', app)));
  });

  test('stops the deletion when it fails or was not allowed, and names the option to leave it out', async () => {
    home.commit(shop, { 'coppice.yaml': spec('echo no database; exit 3') }, 'Hook');
    worktree('a');
    const asked = await remove(shop, 'a');
    expect(asked).toMatchObject({ code: 2, only: { error: { code: 'COPPICE_NOT_CONFIRMED' } } });
    const failed = await remove(shop, 'a', '--yes');
    expect(failed.code).toBe(1);
    expect(failed.only?.error?.hint).toContain('wt delete a --skip-hooks');
    expect(branches()).toEqual(['a', 'main']);
    expect(await remove(shop, 'a', '--skip-hooks')).toMatchObject({ code: 0 });
  });
});

test('the question is still there after Ctrl+Z and fg', async () => {
  const feat = worktree('feat');
  home.write(feat, { draft: 'x' });
  const terminal = new Terminal('bash --norc -i', { cwd: shop, env: { ...process.env, ...home.env } });
  try {
    terminal.type(`'${join(packageRoot(), 'bin', 'wt')}' delete feat\r`);
    await terminal.seen(/Delete it\? \[y\/N\]/);
    terminal.type('\x1a');
    await terminal.seen(/Stopped/);
    terminal.type('fg\r');
    await terminal.seen(/Stopped[\s\S]*Delete it\? \[y\/N\]/);
    terminal.type('y\r');
    await terminal.seen(/deleted feat/);
  } finally {
    await terminal.close();
  }
});

test.each([
  ['with a hook', 'version: 1\nname: shop\nhooks: { deleted: "sleep 1; echo ran >> ../ran" }\n'],
  ['without', undefined],
])(
  'two deletions of one worktree at once, %s: one deletes, the other says so, one record',
  async (_, spec) => {
    if (spec !== undefined) home.commit(shop, { 'coppice.yaml': spec }, 'Add a hook');
    worktree('feat');
    const found = await Promise.all([remove(shop, 'feat', '--yes'), remove(shop, 'feat', '--yes')]);
    expect(found.map(({ only }) => only?.outcome).sort()).toEqual(['already_deleted', 'deleted']);
    expect(found.flatMap(({ only }) => only?.notes ?? [])).toEqual([]);
    expect(found.map(({ code }) => code)).toEqual([0, 0]);
    const { deleted } = JSON.parse((await home.wt(shop, ['undo', '--list', '--json'])).stdout);
    expect(deleted).toHaveLength(1);
    if (spec !== undefined) expect(readFileSync(join(home.folder, 'ran'), 'utf8')).toBe('ran\n');
    expect(await home.wt(shop, ['undo', 'feat'])).toMatchObject({ code: 0 });
  },
);

test('a branch that another process is about to delete with its worktree gets no record of its own', async () => {
  home.git(shop, 'branch', 'feat');
  const found = await Promise.all([remove(shop, 'feat'), remove(shop, 'feat')]);
  expect(found.map(({ only }) => only?.outcome).sort()).toEqual(['already_deleted', 'deleted']);
});
