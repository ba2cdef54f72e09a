import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { filesMatching } from '../../../../config/files/matching.ts';

let top: string;
beforeEach(() => {
  top = join(mkdtempSync(join(tmpdir(), 'coppice-matching-')), 'shop');
  write('db/migrations/1.sql');
  git(top, 'init', '-q', '-b', 'main');
  commit(top);
});
afterEach(() => rmSync(dirname(top), { recursive: true, force: true }));

function write(file: string): void {
  mkdirSync(dirname(join(top, file)), { recursive: true });
  writeFileSync(join(top, file), 'SELECT 1;\n');
}
function git(folder: string, ...args: string[]): void {
  execFileSync('git', ['-C', folder, '-c', 'protocol.file.allow=always', ...args], { stdio: 'pipe' });
}
function commit(folder: string): void {
  git(folder, 'add', '-A');
  git(folder, '-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-qm', 'first');
}
const migrations = () => filesMatching(top, ['**/migrations/*.sql']);

test('a worktree inside of the repository has no files of it', async () => {
  git(top, 'worktree', 'add', '-q', '.worktrees/feat', '-b', 'feat');
  expect(await migrations()).toEqual(['db/migrations/1.sql']);
  expect(await filesMatching(join(top, '.worktrees/feat'), ['**/migrations/*.sql'])).toEqual([
    'db/migrations/1.sql',
  ]);
});

test('a repository of its own inside has none either', async () => {
  write('vendor/lib/migrations/1.sql');
  git(join(top, 'vendor/lib'), 'init', '-q');
  expect(await migrations()).toEqual(['db/migrations/1.sql']);
});

test('a folder that a worktree was removed from is a folder again', async () => {
  git(top, 'worktree', 'add', '-q', '.worktrees/feat', '-b', 'feat');
  git(top, 'worktree', 'remove', '.worktrees/feat');
  write('.worktrees/feat/migrations/2.sql');
  expect(await migrations()).toEqual(['.worktrees/feat/migrations/2.sql', 'db/migrations/1.sql']);
});

test('a submodule belongs to the app, but a worktree of a submodule does not', async () => {
  const library = join(dirname(top), 'library');
  mkdirSync(join(library, 'migrations'), { recursive: true });
  writeFileSync(join(library, 'migrations/1.sql'), 'SELECT 1;\n');
  git(library, 'init', '-q', '-b', 'main');
  commit(library);
  git(top, 'submodule', '--quiet', 'add', library, 'library');
  git(join(top, 'library'), 'worktree', 'add', '-q', join(top, 'other'), '-b', 'other');
  expect(await migrations()).toEqual(['db/migrations/1.sql', 'library/migrations/1.sql']);
});
