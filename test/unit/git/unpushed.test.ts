import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commitsLeftBehind, leftIn, tipsLeftBehind } from '../../../git/left-behind.ts';
import { submoduleCommits } from '../../../git/submodules.ts';
import { commitsOnlyIn, stashedOn } from '../../../git/unpushed.ts';
import { makeRepository, type TestRepository } from './repository.ts';

let repository: TestRepository;
const git = (...args: string[]) => repository.git(...args);

beforeEach(() => {
  repository = makeRepository();
  repository.commit('a.txt');
});
afterEach(() => repository.remove());

async function subjects(branches: readonly string[], tagsKeep = false): Promise<string[]> {
  const tip = git('rev-parse', branches[0] ?? 'HEAD');
  const { youngest } = await commitsOnlyIn(repository.top, { tip, branches, tagsKeep });
  return youngest.map(({ subject }) => subject);
}

test('commits that only this branch contains are named, the youngest first', async () => {
  git('checkout', '-q', '-b', 'feat');
  repository.commit('b.txt');
  repository.commit('c.txt');
  expect(await subjects(['feat'])).toEqual(['Add c.txt', 'Add b.txt']);
});

test('another branch keeps them, unless it is deleted too', async () => {
  git('checkout', '-q', '-b', 'feat');
  repository.commit('b.txt');
  git('branch', '-q', 'more');
  expect(await subjects(['feat'])).toEqual([]);
  expect(await subjects(['feat', 'more'])).toEqual(['Add b.txt']);
});

test('a branch whose name begins alike keeps its own commits', async () => {
  git('checkout', '-q', '-b', 'feat');
  repository.commit('b.txt');
  git('branch', '-q', 'feature');
  expect(await subjects(['feat'])).toEqual([]);
});

test('a remote-tracking reference keeps them', async () => {
  git('checkout', '-q', '-b', 'feat');
  const pushed = repository.commit('b.txt');
  git('update-ref', 'refs/remotes/origin/feat', pushed);
  expect(await subjects(['feat'])).toEqual([]);
  repository.commit('c.txt');
  expect(await subjects(['feat'])).toEqual(['Add c.txt']);
});

test('a tag keeps the commits of a detached HEAD, not those of a branch', async () => {
  git('checkout', '-q', '--detach');
  repository.commit('b.txt');
  expect(await subjects([], true)).toEqual(['Add b.txt']);
  git('tag', 'v1');
  expect(await subjects([], true)).toEqual([]);
  expect(await subjects([])).toEqual(['Add b.txt']);
});

test('entries of the stash are told by the branch that they were made on', async () => {
  git('checkout', '-q', '-b', 'feat');
  writeFileSync(join(repository.top, 'a.txt'), 'changed');
  git('stash', 'push', '-q', '-m', 'half done');
  writeFileSync(join(repository.top, 'a.txt'), 'changed again');
  git('stash', 'push', '-q');
  git('checkout', '-q', '-b', 'feat-2');
  writeFileSync(join(repository.top, 'a.txt'), 'other');
  git('stash', 'push', '-q');
  const found = await stashedOn(join(repository.top, '.git'), 'feat');
  expect(found.map((text) => text.split(':')[0])).toEqual(['On feat', 'WIP on feat']);
});

test('commits, stash and nested commits of a submodule that only a worktree has are found', async () => {
  const inner = join(repository.folder, 'inner');
  const lib = join(repository.folder, 'lib');
  for (const folder of [inner, lib]) {
    git('init', '-q', folder);
    repository.gitIn(folder, 'commit', '-q', '--allow-empty', '-m', 'Begin');
  }
  repository.gitIn(lib, 'submodule', '--quiet', 'add', inner, 'deep/inner');
  repository.gitIn(lib, 'commit', '-q', '-m', 'Add inner');
  git('submodule', '--quiet', 'add', lib, 'lib');
  git('commit', '-q', '-m', 'Add lib');
  const worktree = join(repository.folder, 'feat');
  git('worktree', 'add', '-q', '-b', 'feat', worktree);
  repository.gitIn(worktree, 'submodule', '--quiet', 'update', '--init', '--recursive');
  const commonFolder = join(repository.top, '.git');
  const folders = { worktree, commonFolder, gitFolder: join(commonFolder, 'worktrees', 'feat') };
  expect(await submoduleCommits(folders)).toEqual([]);
  const [top, deep] = [join(worktree, 'lib'), join(worktree, 'lib', 'deep', 'inner')];
  repository.gitIn(top, 'commit', '-q', '--allow-empty', '-m', 'Only here');
  repository.gitIn(deep, 'commit', '-q', '--allow-empty', '-m', 'Only deep here');
  const found = await submoduleCommits(folders);
  expect(found.map(({ name, youngest }) => [name, youngest.map(({ subject }) => subject)])).toEqual([
    ['lib', ['Only here']],
    ['lib/deep/inner', ['Only deep here']],
  ]);
  repository.gitIn(join(repository.top, 'lib'), 'fetch', '-q', top, 'HEAD:refs/heads/saved');
  expect((await submoduleCommits(folders)).map(({ name }) => name)).toEqual(['lib/deep/inner']);
});

test('a checkout and a reset of a detached HEAD leave commits behind, an amendment does not', async () => {
  const first = git('rev-parse', 'HEAD');
  git('branch', '-q', 'feat');
  git('checkout', '-q', '--detach');
  repository.commit('b.txt');
  git('checkout', '-q', first);
  repository.commit('c.txt');
  git('reset', '-q', '--hard', 'HEAD~1');
  repository.commit('d.txt');
  git('commit', '-q', '--amend', '-m', 'Add d.txt again');
  git('checkout', '-q', 'feat');
  repository.commit('e.txt');
  git('reset', '-q', '--hard', 'HEAD~1');
  const gitFolder = join(repository.top, '.git');
  const left = async () =>
    (
      await commitsLeftBehind(repository.top, await tipsLeftBehind(gitFolder), { counted: [], branches: [] })
    ).youngest
      .map(({ subject }) => subject)
      .sort();
  expect(await left()).toEqual(['Add b.txt', 'Add c.txt', 'Add d.txt again']);
  git('update-ref', 'refs/worktree/kept/mine', git('rev-parse', 'feat@{1}'));
  expect(await left()).toContain('Add e.txt');
  git('branch', '-q', 'saved', git('rev-parse', 'feat@{1}'));
  expect(await left()).not.toContain('Add e.txt');
});

test('what the reflog says of a branch and of the beginning is nothing left behind', () => {
  const [none, one, two] = ['0', '1', '2'].map((digit) => digit.repeat(40));
  const entry = (before: string | undefined, after: string | undefined, message: string) =>
    `${before} ${after} A Person <person@example.com> 1796060658 +0000\t${message}`;
  const steps = [
    entry(none, one, 'checkout: moving from main to feat'),
    entry(one, two, 'commit: more'),
    entry(two, one, 'reset: moving to HEAD~1'),
    entry(one, one, 'checkout: moving from feat to 1111111'),
    entry(one, two, 'commit: loose'),
  ].join('\n');
  expect(leftIn(steps, true)).toEqual([]);
  expect(leftIn(`${steps}\n${entry(two, one, `checkout: moving from ${two} to feat`)}`, false)).toEqual([
    two,
  ]);
  expect(leftIn('', true)).toEqual([]);
});

test('what a submodule left behind, and each entry of its stash, are commits of its own', async () => {
  const lib = join(repository.folder, 'lib');
  git('init', '-q', lib);
  writeFileSync(join(lib, 'a.txt'), 'a');
  repository.gitIn(lib, 'add', 'a.txt');
  repository.gitIn(lib, 'commit', '-q', '-m', 'Begin');
  git('submodule', '--quiet', 'add', lib, 'lib');
  git('commit', '-q', '-m', 'Add lib');
  const worktree = join(repository.folder, 'feat');
  git('worktree', 'add', '-q', '-b', 'feat', worktree);
  repository.gitIn(worktree, 'submodule', '--quiet', 'update', '--init');
  const commonFolder = join(repository.top, '.git');
  const folders = { worktree, commonFolder, gitFolder: join(commonFolder, 'worktrees', 'feat') };
  const found = async () => (await submoduleCommits(folders)).flatMap(({ youngest }) => youngest);
  const module = join(worktree, 'lib');
  repository.gitIn(module, 'commit', '-q', '--allow-empty', '-m', 'Left');
  repository.gitIn(module, 'checkout', '-q', 'HEAD~1');
  expect((await found()).map(({ subject }) => subject)).toEqual(['Left']);
  for (const text of ['older', 'newer']) {
    writeFileSync(join(module, 'a.txt'), text);
    repository.gitIn(module, 'stash', 'push', '-q', '-m', text);
  }
  const subjects = (await found()).map(({ subject }) => subject);
  expect(subjects).toEqual(
    expect.arrayContaining(['Left', 'On (no branch): older', 'On (no branch): newer']),
  );
});
