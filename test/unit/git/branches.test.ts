import { afterEach, expect, test } from 'vitest';
import { defaultBranch, listBranches } from '../../../git/branches.ts';
import { makeRepository, type TestRepository } from './repository.ts';

let repository: TestRepository;
afterEach(() => repository?.remove());

test('branches have their tip, subject and upstream, and say when the upstream is gone', async () => {
  repository = makeRepository();
  const tip = repository.commit('a.txt');
  repository.git('update-ref', 'refs/remotes/origin/feat/x', tip);
  repository.git('config', 'remote.origin.url', '.');
  repository.git('config', 'remote.origin.fetch', '+refs/heads/*:refs/remotes/origin/*');
  repository.git('branch', '--track', 'feat/x', 'origin/feat/x');
  const follows = { name: 'feat/x', tip, subject: 'Add a.txt', upstream: 'refs/remotes/origin/feat/x' };
  expect(await listBranches(repository.top)).toContainEqual({
    ...follows,
    upstreamGone: false,
    committed: expect.any(Number),
  });
  repository.git('update-ref', '-d', 'refs/remotes/origin/feat/x');
  expect(await listBranches(repository.top)).toContainEqual(expect.objectContaining({ upstreamGone: true }));
});

test('a repository without a commit has no branches', async () => {
  repository = makeRepository();
  expect(await listBranches(repository.top)).toEqual([]);
});

test("the default branch is the remote's, before one that is usually called so, before the main worktree's", async () => {
  repository = makeRepository();
  const tip = repository.commit('a.txt');
  repository.git('branch', '-m', 'develop');
  expect(await defaultBranch(repository.top)).toBe('develop');
  repository.git('branch', 'master');
  expect(await defaultBranch(repository.top)).toBe('master');
  repository.git('branch', 'main');
  expect(await defaultBranch(repository.top)).toBe('main');
  repository.git('update-ref', 'refs/remotes/origin/release/2', tip);
  repository.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/release/2');
  expect(await defaultBranch(repository.top)).toBe('release/2');
  // Even where what it names was pruned: it is no branch to delete.
  repository.git('update-ref', '-d', 'refs/remotes/origin/release/2');
  expect(await defaultBranch(repository.top)).toBe('release/2');
});

test('of two branches that may be the default one the setting decides, if there is such a branch', async () => {
  repository = makeRepository();
  repository.commit('a.txt');
  repository.git('branch', '-m', 'main');
  repository.git('config', 'init.defaultBranch', 'next');
  expect(await defaultBranch(repository.top)).toBe('main');
  repository.git('branch', 'next');
  expect(await defaultBranch(repository.top)).toBe('next');
});
