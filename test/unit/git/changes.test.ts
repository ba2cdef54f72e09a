import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { changesIn, parseChanges } from '../../../git/changes.ts';
import { makeRepository, type TestRepository } from './repository.ts';

let repository: TestRepository;
afterEach(() => repository?.remove());

test('a worktree without changes is clean', async () => {
  repository = makeRepository();
  repository.commit('a.txt');
  expect(await changesIn(repository.top)).toEqual({ staged: 0, modified: 0, untracked: 0, conflicted: 0 });
});

test('staged, modified, renamed and new files are counted apart', async () => {
  repository = makeRepository();
  for (const file of ['a.txt', 'b.txt', 'c.txt']) repository.commit(file);
  writeFileSync(join(repository.top, 'a.txt'), 'changed');
  renameSync(join(repository.top, 'b.txt'), join(repository.top, '? d.txt'));
  repository.git('add', '-A', 'b.txt', '? d.txt');
  mkdirSync(join(repository.top, 'new'));
  writeFileSync(join(repository.top, 'new', 'e.txt'), 'new');
  expect(await changesIn(repository.top)).toEqual({ staged: 1, modified: 1, untracked: 1, conflicted: 0 });
});

test('a conflict is counted once', async () => {
  repository = makeRepository();
  repository.commit('a.txt');
  repository.git('checkout', '-q', '-b', 'other');
  writeFileSync(join(repository.top, 'a.txt'), 'one');
  repository.git('commit', '-qam', 'One');
  repository.git('checkout', '-q', 'main');
  writeFileSync(join(repository.top, 'a.txt'), 'two');
  repository.git('commit', '-qam', 'Two');
  expect(() => repository.git('merge', 'other')).toThrow();
  expect(await changesIn(repository.top)).toEqual({ staged: 0, modified: 0, untracked: 0, conflicted: 1 });
});

test('a file whose name looks like a record is one file', () => {
  const record = '2 R. N... 100644 100644 100644 0000000 0000000 R100 b\0? a\0';
  expect(parseChanges(record)).toEqual({ staged: 1, modified: 0, untracked: 0, conflicted: 0 });
});
