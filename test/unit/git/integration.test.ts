import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { integrationOf, integrationTargets } from '../../../git/integration.ts';
import { makeRepository, type TestRepository } from './repository.ts';

let repository: TestRepository;
const git = (...args: string[]) => repository.git(...args);
const write = (file: string, text: string) => writeFileSync(join(repository.top, file), text);

function change(file: string, text: string, subject = `Change ${file}`): void {
  write(file, text);
  git('add', '--', file);
  git('commit', '-q', '-m', subject);
}

const lines = (...changed: readonly string[]) =>
  `${Array.from({ length: 30 }, (_, at) => changed[at] ?? `line ${at}`).join('\n')}\n`;

/** How `feat` is contained in `main`. */
async function how(): Promise<string | undefined> {
  const targets = await integrationTargets(repository.top);
  return (await integrationOf({ folder: repository.top, tip: git('rev-parse', 'feat'), targets }))?.how;
}

beforeEach(() => {
  repository = makeRepository();
  change('a.txt', lines());
});
afterEach(() => repository.remove());

function branch(): void {
  git('checkout', '-q', '-b', 'feat');
}

function main(): void {
  git('checkout', '-q', 'main');
}

test('a fresh branch is the same commit', async () => {
  branch();
  expect(await how()).toBe('same-commit');
});

test('a merged branch is an ancestor, also after the merge was reverted', async () => {
  branch();
  change('b.txt', 'b');
  main();
  git('merge', '-q', '--no-ff', '-m', 'Merge', 'feat');
  expect(await how()).toBe('ancestor');
  git('revert', '-m', '1', '--no-edit', 'HEAD');
  expect(await how()).toBe('ancestor');
});

test('a branch behind is an ancestor', async () => {
  branch();
  main();
  change('b.txt', 'b');
  expect(await how()).toBe('ancestor');
});

test('empty commits and work that the branch reverted itself change nothing', async () => {
  branch();
  git('commit', '-q', '--allow-empty', '-m', 'Try again');
  main();
  change('c.txt', 'c');
  expect(await how()).toBe('empty-diff');
  git('checkout', '-q', 'feat');
  change('b.txt', 'b');
  git('revert', '--no-edit', 'HEAD');
  expect(await how()).toBe('empty-diff');
});

test('the same files by other commits are an equal tree', async () => {
  branch();
  change('b.txt', 'b');
  change('c.txt', 'c');
  main();
  git('merge', '-q', '--squash', 'feat');
  git('commit', '-q', '-m', 'Squash');
  expect(await how()).toBe('equal-tree');
});

test('a squashed branch merges to nothing after the target went on elsewhere', async () => {
  branch();
  change('b.txt', 'b');
  change('b.txt', 'bb');
  main();
  git('merge', '-q', '--squash', 'feat');
  git('commit', '-q', '-m', 'Squash');
  change('c.txt', 'c');
  expect(await how()).toBe('merge');
});

test('a squashed rename merges to nothing', async () => {
  branch();
  git('mv', 'a.txt', 'z.txt');
  git('commit', '-q', '-m', 'Rename');
  main();
  git('merge', '-q', '--squash', 'feat');
  git('commit', '-q', '-m', 'Squash');
  change('c.txt', 'c');
  expect(await how()).toBe('merge');
});

test('a squashed branch whose lines changed again on the target is known by its patch', async () => {
  branch();
  change('a.txt', lines('one'));
  change('a.txt', lines('two'));
  main();
  git('merge', '-q', '--squash', 'feat');
  git('commit', '-q', '-m', 'Squash');
  change('a.txt', lines('three'));
  expect(await how()).toBe('patch-id');
});

test('a squash that was reverted afterwards is known by its patch', async () => {
  branch();
  change('b.txt', 'b');
  change('c.txt', 'c');
  main();
  git('merge', '-q', '--squash', 'feat');
  git('commit', '-q', '-m', 'Squash');
  git('revert', '--no-edit', 'HEAD');
  expect(await how()).toBe('patch-id');
});

test('commits that were picked one by one, and changed since, are known by their patches', async () => {
  branch();
  change('a.txt', lines('one'));
  change('b.txt', 'b');
  main();
  change('c.txt', 'c');
  git('cherry-pick', 'feat~1', 'feat');
  change('a.txt', lines('two'));
  change('b.txt', 'bb');
  expect(await how()).toBe('patch-id');
});

test('work that is nowhere else is not integrated', async () => {
  branch();
  change('b.txt', 'b');
  expect(await how()).toBeUndefined();
  main();
  change('b.txt', 'another b');
  expect(await how()).toBeUndefined();
});

test('one commit more than what was squashed is not integrated', async () => {
  branch();
  change('b.txt', 'b');
  main();
  git('merge', '-q', '--squash', 'feat');
  git('commit', '-q', '-m', 'Squash');
  git('checkout', '-q', 'feat');
  change('a.txt', lines('more'));
  main();
  expect(await how()).toBeUndefined();
});

test('a branch that differs from a squash in white space alone is not integrated', async () => {
  branch();
  change('b.py', 'if a:\n    b()\n    c()\n');
  main();
  change('b.py', 'if a:\n    b()\nc()\n');
  change('b.py', 'pass\n');
  expect(await how()).toBeUndefined();
});

test('a merge commit with changes of its own is not integrated by the patches of the others', async () => {
  branch();
  change('b.txt', 'b');
  main();
  change('c.txt', 'c');
  const picked = git('rev-parse', 'feat');
  git('checkout', '-q', 'feat');
  git('merge', '-q', '--no-commit', 'main');
  change('d.txt', 'only in the merge', 'Merge');
  main();
  git('cherry-pick', picked);
  change('b.txt', 'bb');
  expect(await how()).toBeUndefined();
});

test('a branch without a common history is integrated only with an equal tree', async () => {
  git('checkout', '-q', '--orphan', 'feat');
  git('commit', '-q', '-m', 'Again');
  expect(await how()).toBe('equal-tree');
  change('b.txt', 'b');
  expect(await how()).toBeUndefined();
});

test('the upstream of the default branch is the target where it is strictly ahead', async () => {
  git('clone', '-q', '--bare', repository.top, join(repository.folder, 'origin.git'));
  git('remote', 'add', 'origin', join(repository.folder, 'origin.git'));
  git('fetch', '-q', 'origin');
  git('branch', '-q', '--set-upstream-to=origin/main', 'main');
  branch();
  change('b.txt', 'b');
  git('push', '-q', 'origin', 'feat:main');
  const names = async () => (await integrationTargets(repository.top)).map(({ name }) => name);
  expect(await names()).toEqual(['origin/main']);
  expect(await how()).toBe('same-commit');
  main();
  change('c.txt', 'c');
  expect(await names()).toEqual(['main', 'origin/main']);
  expect(await how()).toBe('same-commit');
  git('reset', '-q', '--hard', 'origin/main');
  expect(await names()).toEqual(['main']);
});

test('without a local default branch the remote one is the target', async () => {
  const clone = join(repository.folder, 'clone');
  git('clone', '-q', repository.top, clone);
  repository.gitIn(clone, 'checkout', '-q', '-b', 'feat');
  repository.gitIn(clone, 'branch', '-q', '-D', 'main');
  expect((await integrationTargets(clone)).map(({ ref }) => ref)).toEqual(['refs/remotes/origin/main']);
});
