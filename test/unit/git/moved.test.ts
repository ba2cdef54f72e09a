import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { folderMark } from '../../../core/files.ts';
import { dumpFile } from '../../../core/state/dumps.ts';
import { isSameRepository, recordMark, repositoryKey } from '../../../core/state/moved-repositories.ts';
import { identify } from '../../../git/identity.ts';
import { takeOverMoved } from '../../../git/moved.ts';
import { recordOrigin } from '../../../git/origin.ts';
import { remoteName } from '../../../git/remotes.ts';
import { makeRepository, type TestRepository } from './repository.ts';

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

const name = { app: 'shop', slug: 'main' };
const old = () => join(repository.top, '.git');
const wasUp = async () => recordMark(old(), (await folderMark(old())) ?? '');
async function move(to = 'new'): Promise<void> {
  renameSync(repository.top, path(to));
}
const takeOver = async (commit: string, folder = path('new')) =>
  takeOverMoved(name, { repository: old(), commit }, await identify(folder));

test('a repository that was moved takes over what it owned, and is found by its oldest path', async () => {
  const commit = repository.commit('a');
  await wasUp();
  await move();
  expect(await takeOver(commit)).toBe(true);
  expect(isSameRepository(old(), path('new/.git'))).toBe(true);
  expect(repositoryKey(path('new/.git'))).toBe(old());
  // The dumps of real data are found by that path.
  expect(dumpFile('shop', path('new/.git'), 'dump')).toBe(dumpFile('shop', old(), 'dump'));
  renameSync(path('new'), path('third'));
  expect(
    await takeOverMoved(name, { repository: path('new/.git'), commit }, await identify(path('third'))),
  ).toBe(true);
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

test('another repository takes nothing over from a path that is gone, and says what it lacks', async () => {
  const commit = repository.commit('a');
  await wasUp();
  repository.git('init', '-q', path('new'));
  rmSync(repository.top, { recursive: true });
  await expect(takeOver(commit)).rejects.toMatchObject({
    code: 'COPPICE_CLAIMED',
    message: `shop/main is the environment of a repository that was at ${old()}, and this may be another one: its commit ${commit.slice(0, 8)} is not here`,
    hint: '`wt up --as NAME` creates one for this worktree, and `wt db fork --from shop/main --as NAME` copies its rows; `wt down shop/main` removes that one',
  });
  expect(isSameRepository(old(), path('new/.git'))).toBe(false);
});

describe('with remotes', () => {
  const isUp = async (folder = repository.top) => recordOrigin(name, await identify(folder));
  const remote = (url: string, folder = repository.top) =>
    repository.gitIn(folder, 'remote', 'add', 'origin', url);
  const clone = (url: string, to: string, ...options: string[]) => {
    repository.git('clone', '-q', ...options, `file://${repository.top}`, to);
    repository.gitIn(to, 'remote', 'set-url', 'origin', url);
  };

  test('a fork, or another project of one template, takes nothing over from a path that is gone', async () => {
    const commit = repository.commit('a');
    remote('git@github.com:team/shop.git');
    await isUp();
    clone('https://github.com/other/shop', path('new'));
    rmSync(repository.top, { recursive: true });
    await expect(takeOver(commit)).rejects.toMatchObject({
      code: 'COPPICE_CLAIMED',
      message: expect.stringContaining(
        'its remote was github.com/team/shop, and here it is github.com/other/shop',
      ),
    });
  });

  test('nor does one at the very path, also after an up under another name', async () => {
    const commit = repository.commit('a');
    remote('git@github.com:team/shop.git');
    await isUp();
    clone('https://github.com/other/shop', path('fork'));
    rmSync(repository.top, { recursive: true });
    renameSync(path('fork'), repository.top);
    const identity = await identify(repository.top);
    await recordOrigin({ app: 'shop', slug: 'other' }, identity);
    await expect(takeOver(commit, repository.top)).rejects.toMatchObject({ code: 'COPPICE_CLAIMED' });
  });

  test('a repository that lost its remote, or got its first one, is not known to be the same', async () => {
    const commit = repository.commit('a');
    await isUp();
    clone('https://github.com/other/shop', path('new'));
    rmSync(repository.top, { recursive: true });
    await expect(takeOver(commit)).rejects.toMatchObject({
      message: expect.stringContaining('its remote was none, and here it is github.com/other/shop'),
    });
  });

  test('a clone of the same remote takes over, also without the commit of the last up', async () => {
    repository.commit('a');
    remote('git@github.com:team/shop.git');
    clone('ssh://git@github.com:22/team/shop.git/', path('new'));
    const unpushed = repository.commit('b');
    await isUp();
    rmSync(repository.top, { recursive: true });
    expect(await takeOver(unpushed)).toBe(true);
  });

  test('a shallow clone takes nothing over, and says how it can', async () => {
    const commit = repository.commit('a');
    remote('git@github.com:team/shop.git');
    await isUp();
    repository.commit('b');
    clone('git@github.com:team/shop.git', path('new'), '--depth', '1');
    rmSync(repository.top, { recursive: true });
    await expect(takeOver(commit)).rejects.toMatchObject({
      message: expect.stringContaining(`this clone is shallow, and lacks its commit ${commit.slice(0, 8)}`),
      hint: '`git fetch --unshallow` here, then the same command again',
    });
  });

  test('the same repository that was cloned again at its path keeps its environment, also shallow', async () => {
    const commit = repository.commit('a');
    remote('git@github.com:team/shop.git');
    await isUp();
    repository.commit('b');
    clone('git@github.com:team/shop.git', path('again'), '--depth', '1');
    rmSync(repository.top, { recursive: true });
    renameSync(path('again'), repository.top);
    expect(await takeOver(commit, repository.top)).toBe(false);
    expect(isSameRepository(old(), (await identify(repository.top)).repository)).toBe(true);
  });

  test('the same folder keeps its environment when its remote changes', async () => {
    const commit = repository.commit('a');
    remote('git@github.com:team/shop.git');
    await isUp();
    repository.git('remote', 'set-url', 'origin', 'git@github.com:team/renamed.git');
    await move();
    expect(await takeOver(commit)).toBe(true);
  });
});

test('a repository is one by a symbolic link as well', () => {
  symlinkSync(repository.top, path('link'));
  expect(isSameRepository(old(), path('link/.git'))).toBe(true);
  expect(isSameRepository(path('link'), path('other'))).toBe(false);
});

test.each([
  ['git@github.com:team/shop.git', 'github.com/team/shop'],
  ['https://x-token:secret@GitHub.com/team/shop/', 'github.com/team/shop'],
  ['ssh://git@host.example:2222/team/shop.git', 'host.example/team/shop'],
  ['host:/srv/shop.git', 'host/srv/shop'],
  ['/src/shop/.git', '/src/shop'],
  ['file:///src/shop', '/src/shop'],
  ['../shop', '../shop'],
])('the remote %s is called %s', (url, expected) => expect(remoteName(url)).toBe(expected));

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
  expect(await takeOverMoved(name, owner, await identify(path('new')))).toBe(false);
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
