import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { uncommittedIn } from '../../../git/uncommitted.ts';
import { makeRepository, type TestRepository } from './repository.ts';

let repository: TestRepository;
const git = (...args: string[]) => repository.git(...args);
const write = (file: string, text: string) => writeFileSync(join(repository.top, file), text);

beforeEach(() => {
  repository = makeRepository();
  repository.commit('a b.txt');
  repository.commit('c.txt');
});
afterEach(() => repository.remove());

test('files are named as they are, a renamed one by its new name', async () => {
  git('mv', 'c.txt', '1 d.txt');
  write('a b.txt', 'changed');
  mkdirSync(join(repository.top, 'new'));
  write('new/e.txt', 'new');
  const { files, renamed } = { renamed: '1 d.txt', ...(await uncommittedIn(repository.top)) };
  expect([...files].sort()).toEqual([renamed, 'a b.txt', 'new/']);
});

test('what is staged is known by its sha, also in a conflict', async () => {
  write('c.txt', 'staged');
  git('add', 'c.txt');
  expect((await uncommittedIn(repository.top)).staging).toEqual([git('rev-parse', ':c.txt')]);
  git('commit', '-q', '-m', 'Ours');
  git('checkout', '-q', '-b', 'other', 'HEAD~1');
  write('c.txt', 'theirs');
  git('commit', '-qam', 'Theirs');
  expect(() => git('merge', 'main')).toThrow();
  const stages = [1, 2, 3].map((stage) => git('rev-parse', `:${stage}:c.txt`));
  expect((await uncommittedIn(repository.top)).staging).toEqual(stages);
});

test('a change that git was told not to look at counts, and what a sparse checkout leaves out does not', async () => {
  repository.commit('same.txt');
  repository.commit('left out.txt');
  git('update-index', '--assume-unchanged', 'a b.txt', 'same.txt');
  git('update-index', '--skip-worktree', 'c.txt', 'left out.txt');
  rmSync(join(repository.top, 'left out.txt'));
  expect((await uncommittedIn(repository.top)).files).toEqual([]);
  write('a b.txt', 'mine');
  write('c.txt', 'mine');
  expect(await uncommittedIn(repository.top)).toMatchObject({ modified: 2, files: ['a b.txt', 'c.txt'] });
});

test('a clean worktree has nothing', async () => {
  expect(await uncommittedIn(repository.top)).toMatchObject({ files: [], submodules: [], staging: [] });
});
