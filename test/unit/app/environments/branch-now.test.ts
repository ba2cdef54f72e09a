import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  branchProblem,
  branchTrouble,
  othersInWorktree,
  switchedFrom,
} from '../../../../app/environments/branch-now.ts';
import { type EnvironmentRecord, writeRecord } from '../../../../app/environments/record.ts';
import { makeRepository, type TestRepository } from '../../git/repository.ts';

let repository: TestRepository;
let data: string;
beforeEach(() => {
  repository = makeRepository();
  repository.commit('a');
  data = mkdtempSync(join(tmpdir(), 'coppice-branch-'));
  vi.stubEnv('XDG_DATA_HOME', data);
});
afterEach(() => {
  vi.unstubAllEnvs();
  repository.remove();
  rmSync(data, { recursive: true });
});

test.each([
  ['another branch', ['switch', '-q', '-c', 'feat-b']],
  ['a new name of the branch', ['branch', '-m', 'feat-b']],
])('a worktree that has %s since the last up is a problem', async (_what, command) => {
  const from = { branch: 'main', worktree: repository.top };
  expect(await branchProblem(from)).toBeUndefined();
  repository.git(...command);
  expect(await branchProblem(from)).toMatch(/^its worktree is on feat-b now: .* data of main/);
});

test('an unknown branch or a worktree that is gone says nothing about it', async () => {
  expect(await branchProblem({ branch: undefined, worktree: repository.top })).toBeUndefined();
  expect(await branchProblem({ branch: 'main', worktree: join(repository.folder, 'gone') })).toBeUndefined();
});

test('the environments that other branches brought up from a folder are named', async () => {
  const record = (slug: string, worktree: string) =>
    writeRecord({ app: 'shop', slug, branch: slug, worktree } as EnvironmentRecord);
  await record('feat-a', '/src/shop');
  await record('elsewhere', '/src/other');
  const here = { app: 'shop', slug: 'feat-b', branch: 'feat-b', worktree: '/src/shop' };
  expect(await othersInWorktree(here)).toEqual([{ app: 'shop', slug: 'feat-a', branch: 'feat-a' }]);
});

test('a switch is said of the branch that a folder is on now, and of no other name', async () => {
  const { top } = repository;
  await writeRecord({ app: 'shop', slug: 'main', branch: 'main', worktree: top } as EnvironmentRecord);
  repository.git('switch', '-q', '-c', 'feat-b');
  const here = { app: 'shop', slug: 'feat-b', namespace: 'wt-shop--feat-b', branch: 'feat-b' };
  const main = { switched: ['shop/main'], renamed: [] };
  const none = { switched: [], renamed: [] };
  expect(await switchedFrom(here, top)).toEqual(main);
  expect(await switchedFrom({ ...here, specFolder: top }, '/')).toEqual(main);
  expect(await switchedFrom({ ...here, slug: 'feat-x', branch: 'feat-x' }, top)).toEqual(none);
  expect(await switchedFrom({ ...here, app: 'other' }, top)).toEqual(none);
  repository.git('switch', '-q', 'main');
  expect(await switchedFrom({ ...here, slug: 'main', branch: 'main' }, top)).toEqual(none);
});

test('a branch that was renamed is told from one that was left', async () => {
  const { top } = repository;
  const from = { branch: 'main', worktree: top };
  const name = { app: 'shop', slug: 'main' };
  await writeRecord({ ...name, branch: 'main', worktree: top } as EnvironmentRecord);
  repository.git('switch', '-q', '-c', 'feat-b');
  expect(await branchTrouble(name, from)).toEqual({
    what: expect.stringMatching(/^its worktree is on feat-b/),
  });
  repository.git('switch', '-q', 'main');
  expect(await branchTrouble(name, from)).toBeUndefined();
  repository.git('branch', '-q', '-D', 'feat-b');
  repository.git('branch', '-m', 'feat-b');
  expect(await branchTrouble(name, from)).toEqual({
    what: expect.stringMatching(/^its branch main is gone .* is on feat-b now$/),
    fix: expect.stringContaining('`wt down shop/main` removes it'),
  });
  const here = { app: 'shop', slug: 'feat-b', namespace: 'wt-shop--feat-b', branch: 'feat-b' };
  expect(await switchedFrom(here, top)).toEqual({
    switched: ['shop/main'],
    renamed: [{ ...name, branch: 'main', now: 'feat-b' }],
  });
});
