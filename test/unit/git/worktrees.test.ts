import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identify } from '../../../git/identity.ts';
import {
  findWorktree,
  findWorktreeOnly,
  listWorktrees,
  nameOf,
  parseWorktrees,
  worktreeOrBranch,
} from '../../../git/worktrees.ts';
import { makeRepository, type TestRepository } from './repository.ts';

let repository: TestRepository;
let path: (name: string) => string;
beforeEach(() => {
  repository = makeRepository();
  path = (name) => join(repository.folder, name);
  repository.commit('a');
});
afterEach(() => repository.remove());

test('all worktrees are listed, the main one first, from any of them', async () => {
  const head = repository.git('rev-parse', 'HEAD');
  repository.git('worktree', 'add', '-q', path('b'), '-b', 'feat/b');
  repository.git('worktree', 'add', '-q', '--detach', path('loose'));
  const expected = [
    { path: repository.top, main: true, bare: false, branch: 'main', head },
    { path: path('b'), main: false, bare: false, branch: 'feat/b', head },
    { path: path('loose'), main: false, bare: false, detachedName: 'loose', head },
  ];
  expect(await listWorktrees(repository.top)).toEqual(expected);
  expect(await listWorktrees(path('b'))).toEqual(expected);
});

test('odd paths survive: spaces, line ends, unicode', async () => {
  const odd = path('with space\nand line ü');
  repository.git('worktree', 'add', '-q', odd, '-b', 'odd');
  expect((await listWorktrees(repository.top))[1]).toMatchObject({ path: odd, branch: 'odd' });
});

test('a locked worktree reports why, one without its folder reports that', async () => {
  repository.git('worktree', 'add', '-q', path('b'), '-b', 'b');
  repository.git('worktree', 'add', '-q', path('c'), '-b', 'c');
  repository.git('worktree', 'lock', '--reason', 'on a stick', path('b'));
  rmSync(path('c'), { recursive: true });
  const [, locked, gone] = await listWorktrees(repository.top);
  expect(locked?.locked).toBe('on a stick');
  expect(gone?.prunable).toContain('gitdir file points to non-existent location');
});

test('detached worktrees whose folders have one name are listed by the names that git gave them', async () => {
  for (const slot of ['1', '2']) repository.git('worktree', 'add', '-q', '--detach', path(`${slot}/pool`));
  const listed = await listWorktrees(repository.top);
  expect(listed.map(nameOf)).toEqual(['main', 'pool', 'pool1']);
  for (const worktree of listed) expect((await identify(worktree.path)).branch).toBe(nameOf(worktree));
});

test('a worktree with a bisect in progress is listed by its branch', async () => {
  repository.git('worktree', 'add', '-q', path('b'), '-b', 'feat/b');
  repository.gitIn(path('b'), 'bisect', 'start');
  repository.gitIn(path('b'), 'checkout', '-q', '--detach');
  expect((await listWorktrees(repository.top))[1]).toMatchObject({ branch: 'feat/b' });
});

test('a bare repository is listed as such', async () => {
  const bare = path('bare.git');
  repository.git('clone', '-q', '--bare', repository.top, bare);
  expect(await listWorktrees(bare)).toEqual([{ path: bare, main: true, bare: true }]);
});

test('outside of a repository there is nothing to list', async () => {
  await expect(listWorktrees(repository.folder)).rejects.toMatchObject({ code: 'COPPICE_NOT_A_REPOSITORY' });
});

test('no output is no worktree', () => {
  expect(parseWorktrees('')).toEqual([]);
});

describe('a worktree is found by', () => {
  const find = async (wanted: string, cwd = repository.folder) =>
    findWorktree(await listWorktrees(repository.top), wanted, cwd);

  beforeEach(() => {
    repository.git('worktree', 'add', '-q', path('b'), '-b', 'team/FIB-1');
    repository.git('worktree', 'add', '-q', '--detach', path('Loose One'));
  });

  test('its branch', async () => {
    expect((await find('team/FIB-1'))?.path).toBe(path('b'));
  });

  test('its slug', async () => {
    expect((await find('team-fib-1'))?.path).toBe(path('b'));
    expect((await find('loose-one'))?.path).toBe(path('Loose One'));
  });

  test('its path, absolute or relative', async () => {
    expect((await find(path('b')))?.branch).toBe('team/FIB-1');
    expect((await find('./b'))?.branch).toBe('team/FIB-1');
    expect((await find('b/'))?.branch).toBe('team/FIB-1');
  });

  test('a dot, from anywhere in it', async () => {
    mkdirSync(path('b/deep/er'), { recursive: true });
    expect((await find('.', path('b/deep/er')))?.path).toBe(path('b'));
    expect((await find('..', path('b/deep/er')))?.path).toBe(path('b'));
  });

  test('a dot in one that lies inside another', async () => {
    const inner = join(repository.top, '.worktrees', 'inner');
    repository.git('worktree', 'add', '-q', inner, '-b', 'inner');
    expect((await find('.', inner))?.branch).toBe('inner');
  });

  test('nothing else: a mistyped name is not a folder below the current worktree', async () => {
    expect(await find('team/FIB-2', path('b'))).toBeUndefined();
    expect(await find('nothing', path('b'))).toBeUndefined();
  });

  test('its branch rather than the slug of another', async () => {
    repository.git('worktree', 'add', '-q', path('c'), '-b', 'team-fib-1');
    expect((await find('team-fib-1'))?.path).toBe(path('c'));
  });

  test('its slug only if it is unique: else both are named', async () => {
    repository.git('worktree', 'add', '-q', path('c'), '-b', 'team/fib_1');
    await expect(find('team-fib-1')).rejects.toMatchObject({
      code: 'COPPICE_AMBIGUOUS',
      exitCode: 2,
      message: expect.stringMatching(/team\/FIB-1 .* and team\/fib_1 /),
    });
  });

  test('no slug or folder that is exactly a branch without a worktree', async () => {
    repository.git('worktree', 'add', '-q', path('c'), '-b', 'team/fib_1');
    for (const branch of ['team-fib-1', 'b', 'loose-one']) repository.git('branch', branch);
    const worktrees = await listWorktrees(repository.top);
    const at = { cwd: repository.folder, folder: repository.top };
    for (const branch of ['team-fib-1', 'b', 'loose-one']) {
      expect(await worktreeOrBranch(worktrees, branch, at)).toEqual({ branch });
    }
    for (const branch of ['b', 'loose-one']) {
      await expect(findWorktreeOnly(worktrees, branch, repository.folder)).rejects.toMatchObject({
        code: 'COPPICE_AMBIGUOUS',
        hint: expect.stringContaining(repository.folder),
      });
    }
    expect((await worktreeOrBranch(worktrees, './b', at)).worktree?.path).toBe(path('b'));
    expect((await findWorktreeOnly(worktrees, 'team/FIB-1', repository.folder))?.path).toBe(path('b'));
    expect(await findWorktreeOnly(worktrees, 'nothing', repository.folder)).toBeUndefined();
  });

  test('never the bare repository, which has no environment', async () => {
    const bare = path('bare.git');
    repository.git('clone', '-q', '--bare', repository.top, bare);
    expect(findWorktree(await listWorktrees(bare), bare, bare)).toBeUndefined();
  });
});

test('the name of an environment is the branch, or the folder of a detached HEAD', () => {
  const worktree = { path: '/w/Loose One', main: false, bare: false };
  expect(nameOf(worktree)).toBe('Loose One');
  expect(nameOf({ ...worktree, branch: 'feat/a' })).toBe('feat/a');
});
