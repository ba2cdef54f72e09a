import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Identity } from '../../../core/identity.ts';
import { slugOf } from '../../../core/names.ts';
import { identify } from '../../../git/identity.ts';
import { makeRepository, type TestRepository } from './repository.ts';

let repository: TestRepository;
beforeEach(() => {
  repository = makeRepository();
});
afterEach(() => {
  vi.unstubAllEnvs();
  repository.remove();
});

test('a worktree has a repository, a branch, a commit and an owner', async () => {
  const commit = repository.commit('a');
  const { top } = repository;
  const { uid, gid } = statSync(top);
  const identity: Identity = await identify(top);
  expect(identity).toEqual({
    repository: join(top, '.git'),
    worktree: top,
    branch: 'main',
    commit,
    uid,
    gid,
  });
});

test.each(['a b', `it's "$HOME"`, 'a,b:c', 'ü🚀'])('a path with %j in it is as it is', async (name) => {
  const top = join(repository.folder, name);
  repository.git('init', '-q', top);
  expect(await identify(top)).toMatchObject({ worktree: top, repository: join(top, '.git') });
});

test.each(['a\nb', '\n/b'])('a path with a line break is refused: %j', async (name) => {
  const top = join(repository.folder, name);
  mkdirSync(top, { recursive: true });
  repository.git('init', '-q', top);
  await expect(identify(top)).rejects.toMatchObject({
    code: 'COPPICE_GIT',
    message: expect.stringContaining('line break'),
  });
});

test('a folder below the top is in the same worktree, also through a symbolic link', async () => {
  repository.commit('a/b/c');
  symlinkSync(join(repository.top, 'a/b'), join(repository.folder, 'link'));
  for (const folder of [join(repository.top, 'a/b'), join(repository.folder, 'link')]) {
    expect(await identify(folder)).toMatchObject({ worktree: repository.top, branch: 'main' });
  }
});

test('a linked worktree has its own branch and the same repository', async () => {
  repository.commit('a');
  const linked = join(repository.folder, 'b');
  repository.git('worktree', 'add', '-q', linked, '-b', 'feat/b');
  expect(await identify(linked)).toMatchObject({
    worktree: linked,
    repository: join(repository.top, '.git'),
    branch: 'feat/b',
  });
});

test('a linked worktree of a bare repository works', async () => {
  repository.commit('a');
  const bare = join(repository.folder, 'bare.git');
  repository.git('clone', '-q', '--bare', repository.top, bare);
  const linked = join(repository.folder, 'of bare');
  repository.gitIn(bare, 'worktree', 'add', '-q', linked, '-b', 'x');
  expect(await identify(linked)).toMatchObject({ repository: bare, worktree: linked, branch: 'x' });
});

test('before the first commit the branch is known and the commit is unborn', async () => {
  expect(await identify(repository.top)).toMatchObject({ branch: 'main', commit: 'unborn' });
});

test('an orphan branch is unborn too', async () => {
  repository.commit('a');
  repository.git('checkout', '-q', '--orphan', 'new/one');
  expect(await identify(repository.top)).toMatchObject({ branch: 'new/one', commit: 'unborn' });
});

test('with a detached HEAD the worktree supplies the name', async () => {
  const commit = repository.commit('a');
  repository.git('checkout', '-q', '--detach');
  expect(await identify(repository.top)).toMatchObject({ branch: 'shop', detached: true, commit });
});

test.each(['feat/Größe-🚀', 'a'.repeat(200), 'HEAD-not', 'x.y', "it's"])(
  'the branch %s is returned whole',
  async (branch) => {
    repository.commit('a');
    repository.git('checkout', '-q', '-b', branch);
    expect((await identify(repository.top)).branch).toBe(branch);
  },
);

test('a tag of the same name does not change the branch', async () => {
  repository.commit('a');
  repository.git('checkout', '-q', '-b', 'v1');
  repository.git('tag', 'v1');
  expect((await identify(repository.top)).branch).toBe('v1');
});

test('a file called HEAD does not confuse git', async () => {
  const commit = repository.commit('HEAD');
  expect(await identify(repository.top)).toMatchObject({ branch: 'main', commit });
});

describe('while HEAD is temporarily detached the branch stays:', () => {
  beforeEach(() => {
    repository.commit('base');
    repository.git('checkout', '-q', '-b', 'feat/long');
    repository.commit('mine');
    repository.git('checkout', '-q', 'main');
    writeFileSync(join(repository.top, 'mine'), 'theirs');
    repository.git('add', 'mine');
    repository.git('commit', '-q', '-m', 'Conflict');
    repository.git('checkout', '-q', 'feat/long');
  });

  test.each(['--merge', '--apply'])('a rebase %s that stopped at a conflict', async (backend) => {
    expect(() => repository.git('rebase', backend, 'main')).toThrow();
    expect(() => repository.git('symbolic-ref', 'HEAD')).toThrow();
    expect((await identify(repository.top)).branch).toBe('feat/long');
  });

  test('a bisect', async () => {
    repository.commit('more');
    repository.commit('and more');
    repository.git('bisect', 'start', 'HEAD', 'HEAD~3');
    expect(() => repository.git('symbolic-ref', 'HEAD')).toThrow();
    expect((await identify(repository.top)).branch).toBe('feat/long');
  });

  test('but not a bisect that started on a detached HEAD', async () => {
    repository.commit('more');
    repository.commit('and more');
    repository.git('checkout', '-q', '--detach');
    repository.git('bisect', 'start', 'HEAD', 'HEAD~3');
    expect((await identify(repository.top)).branch).toBe('shop');
  });
});

test('a submodule is a repository of its own', async () => {
  repository.commit('a');
  const outer = join(repository.folder, 'outer');
  repository.git('init', '-q', outer);
  repository.gitIn(outer, 'submodule', 'add', '-q', repository.top, 'sub');
  expect(await identify(join(outer, 'sub'))).toMatchObject({
    worktree: join(outer, 'sub'),
    repository: join(outer, '.git/modules/sub'),
    branch: 'main',
  });
});

test('variables set by a git hook do not override the folder', async () => {
  repository.commit('a');
  vi.stubEnv('GIT_DIR', '/nowhere');
  vi.stubEnv('GIT_WORK_TREE', '/nowhere');
  vi.stubEnv('GIT_INDEX_FILE', '/nowhere/index');
  expect(await identify(repository.top)).toMatchObject({ worktree: repository.top });
});

describe('an obstacle is reported with a way out:', () => {
  test('no repository', async () => {
    await expect(identify(repository.folder)).rejects.toMatchObject({
      code: 'COPPICE_NOT_A_REPOSITORY',
      message: `${repository.folder} is not in a git repository`,
    });
  });

  test('a bare repository, or the inside of .git', async () => {
    repository.commit('a');
    const bare = join(repository.folder, 'bare.git');
    repository.git('clone', '-q', '--bare', repository.top, bare);
    for (const folder of [bare, join(repository.top, '.git')]) {
      await expect(identify(folder)).rejects.toMatchObject({ code: 'COPPICE_NO_WORKTREE' });
    }
  });

  test('no such folder', async () => {
    await expect(identify(join(repository.folder, 'no'))).rejects.toMatchObject({
      code: 'COPPICE_NO_FOLDER',
    });
  });

  test('no git', async () => {
    vi.stubEnv('PATH', repository.folder);
    await expect(identify(repository.top)).rejects.toMatchObject({ code: 'COPPICE_NO_GIT' });
  });

  test('a broken repository, in the words of git', async () => {
    writeFileSync(join(repository.top, '.git/config'), '[core\n');
    await expect(identify(repository.top)).rejects.toMatchObject({
      code: 'COPPICE_GIT',
      message: expect.stringContaining('bad config line 1'),
    });
  });

  test.skipIf(process.getuid?.() !== 0)("root in another user's worktree (needs root)", async () => {
    repository.commit('a');
    const theirs = join(repository.folder, 'theirs');
    mkdirSync(theirs);
    repository.git('init', '-q', theirs);
    for (const path of [theirs, join(theirs, '.git')]) chownSync(path, 12345, 12345);
    vi.stubEnv('GIT_CONFIG_GLOBAL', join(repository.folder, 'gitconfig'));
    vi.stubEnv('GIT_CONFIG_SYSTEM', '/dev/null');
    vi.stubEnv('SUDO_UID', undefined);
    await expect(identify(theirs)).rejects.toMatchObject({
      code: 'COPPICE_GIT_OWNER',
      hint: expect.stringContaining(`git config --global --add safe.directory '${theirs}'`),
    });
    vi.stubEnv('SUDO_UID', '12345');
    expect(await identify(theirs)).toMatchObject({ worktree: theirs, uid: 12345 });
  });
});

test('git is started only once, for the quick answer', async () => {
  repository.commit('a');
  const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const calls = join(repository.folder, 'calls');
  const counting = join(repository.folder, 'git');
  writeFileSync(counting, `#!/bin/sh\necho "$@" >>'${calls}'\nexec '${git}' "$@"\n`, { mode: 0o755 });
  vi.stubEnv('PATH', `${repository.folder}:${process.env.PATH}`);
  await identify(repository.top);
  expect(readFileSync(calls, 'utf8').trim().split('\n')).toHaveLength(1);
});

test("the slug of any branch that git allows is the environment's", async () => {
  repository.commit('a');
  repository.git('checkout', '-q', '-b', 'team/FIB-123-new');
  expect(slugOf((await identify(repository.top)).branch)).toBe('team-fib-123-new');
});
