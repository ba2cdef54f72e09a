import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { commonFolder } from '../../../git/base.ts';
import { makeRepository, type TestRepository } from './repository.ts';

let repository: TestRepository;
afterEach(() => repository?.remove());

test('a bare repository inside the worktree of another one is itself', async () => {
  repository = makeRepository();
  const { top } = repository;
  repository.commit('a.txt');
  const bare = join(top, 'mirrors', 'other.git');
  repository.git('init', '-q', '--bare', bare);
  expect(await commonFolder(bare)).toBe(bare);
  expect(await commonFolder(join(bare, 'refs', 'heads'))).toBe(bare);
  expect(await commonFolder(join(top, 'mirrors'))).toBe(join(top, '.git'));
  expect(await commonFolder(join(top, '.git', 'refs'))).toBe(join(top, '.git'));
});
