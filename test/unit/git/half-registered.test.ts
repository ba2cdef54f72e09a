import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { listWorktrees } from '../../../git/worktrees.ts';
import { makeRepository, type TestRepository } from './repository.ts';

let repository: TestRepository;
afterEach(() => repository?.remove());

test('a worktree that another git is registering at this moment is waited for', async () => {
  repository = makeRepository();
  repository.commit('a.txt');
  const folder = join(repository.top, '.git', 'worktrees', 'other');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'gitdir'), `${join(repository.folder, 'other', '.git')}\n`);
  writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/main\n');
  writeFileSync(join(folder, 'commondir'), '');
  expect(() => repository.git('worktree', 'list')).toThrow(/commondir/);
  const listed = listWorktrees(repository.top);
  writeFileSync(join(folder, 'commondir'), '../..\n');
  expect((await listed).map(({ path }) => path)).toContain(join(repository.folder, 'other'));
});
