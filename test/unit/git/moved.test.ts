import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { takeOverMoved } from '../../../../app/target/moved.ts';
import { folderMark } from '../../../../core/files.ts';
import { isSameRepository, recordMark, repositoryKey } from '../../../../core/state/moved-repositories.ts';
import { identify } from '../../../../git/identity.ts';
import { makeRepository, type TestRepository } from '../../git/repository.ts';

let repository: TestRepository;
let data: string;
let path: (name: string) => string;
beforeEach(() => {
  repository = makeRepository();
  data = mkdtempSync(join(tmpdir(), 'coppice-moved-'));
  vi.stubEnv('XDG_DATA_HOME', data);
  path = (name) => join(repository.folder, name);
});
afterEach(() => {
  vi.unstubAllEnvs();
  repository.remove();
  rmSync(data, { recursive: true });
});

const old = () => join(repository.top, '.git');
const wasUp = async () => recordMark(old(), (await folderMark(old())) ?? '');
async function move(to = 'new'): Promise<void> {
  renameSync(repository.top, path(to));
}
const takeOver = async (commit: string, folder = path('new')) =>
  takeOverMoved({ repository: old(), commit }, await identify(folder));

test('a repository that was moved takes over what it owned, and is found by its oldest path', async () => {
  const commit = repository.commit('a');
  await wasUp();
  await move();
  expect(await takeOver(commit)).toBe(true);
  expect(isSameRepository(old(), path('new/.git'))).toBe(true);
  expect(repositoryKey(path('new/.git'))).toBe(old());
  renameSync(path('new'), path('third'));
  expect(await takeOverMoved({ repository: path('new/.git'), commit }, await identify(path('third')))).toBe(
    true,
  );
  expect(isSameRepository(old(), path('third/.git'))).toBe(true);
  expect(repositoryKey(path('third/.git'))).toBe(old());
});

test('also one without a commit, by its folder', async () => {
  await wasUp();
  await move();
  expect(await takeOver('unborn')).toBe(true);
});

test('also one whose state is from before folders were recorded, by its commit', async () => {
  const commit = repository.commit('a');
  await move();
  expect(await takeOver(commit)).toBe(true);
});

test('also a clone with the recorded commit when the other one was deleted', async () => {
  const commit = repository.commit('a');
  await wasUp();
  repository.git('clone', '-q', repository.top, path('new'));
  expect(await takeOver(commit)).toBe(false);
  rmSync(repository.top, { recursive: true });
  expect(await takeOver(commit)).toBe(true);
});

test('another repository takes nothing over from a path that is gone', async () => {
  const commit = repository.commit('a');
  await wasUp();
  repository.git('init', '-q', path('new'));
  rmSync(repository.top, { recursive: true });
  expect(await takeOver(commit)).toBe(false);
  expect(isSameRepository(old(), path('new/.git'))).toBe(false);
});

test('nor does a copy while the first one is there', async () => {
  const commit = repository.commit('a');
  await wasUp();
  cpSync(repository.top, path('new'), { recursive: true });
  expect(await takeOver(commit)).toBe(false);
});

test('nor does a clone while the disk of the first one is not mounted', async () => {
  const commit = repository.commit('a');
  await recordMark(old(), '1:2:3');
  repository.git('clone', '-q', repository.top, path('new'));
  rmSync(repository.top, { recursive: true });
  expect(await takeOver(commit)).toBe(false);
});

test('nor, in state from before, while the folder above is empty as a mount point is', async () => {
  const commit = repository.commit('a');
  const disk = path('disk');
  mkdirSync(disk);
  await move();
  const owner = { repository: join(disk, 'shop/.git'), commit };
  expect(await takeOverMoved(owner, await identify(path('new')))).toBe(false);
});

test('a path that exists again is that of another repository', async () => {
  const commit = repository.commit('a');
  await wasUp();
  await move();
  await takeOver(commit);
  mkdirSync(repository.top);
  repository.git('init', '-q');
  expect(isSameRepository(old(), path('new/.git'))).toBe(false);
});

test('a linked worktree of a repository that was moved is repaired, not made a new one', async () => {
  repository.commit('a');
  repository.git('worktree', 'add', '-q', path('feat'), '-b', 'feat');
  await move();
  await expect(identify(path('feat'))).rejects.toMatchObject({
    code: 'COPPICE_NOT_A_REPOSITORY',
    hint: 'if the repository was moved, run `git worktree repair` in its new folder',
  });
  repository.gitIn(path('new'), 'worktree', 'repair');
  expect(await identify(path('feat'))).toMatchObject({ repository: path('new/.git'), branch: 'feat' });
});
