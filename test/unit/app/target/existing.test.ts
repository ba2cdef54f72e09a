import { describe, expect, test } from 'vitest';
import {
  broughtUpEnvironments,
  existingEnvironments,
  type Witnesses,
} from '../../../../app/target/existing.ts';
import { CoppiceError } from '../../../../core/errors.ts';
import type { Owner } from '../../../../core/owner.ts';
import type { Worktree } from '../../../../git/worktrees.ts';

const worktree = (path: string, branch?: string, more: Partial<Worktree> = {}): Worktree => ({
  path,
  main: false,
  bare: false,
  ...(branch === undefined ? {} : { branch }),
  ...more,
});

const owner = (environment: string, repository = '/src/shop/.git'): Owner => ({
  app: 'shop',
  environment,
  repository,
  branch: environment,
  worktree: `/src/${environment}`,
});

/** No stack, namespace or worktree, except those in `changes`. */
const witnesses = (changes: Partial<Witnesses> = {}): Witnesses => ({
  stacks: async () => [],
  namespaces: async () => [],
  worktrees: async () => [],
  ...changes,
});

const names = (found: readonly { app: string; environment: string }[] | undefined) =>
  found?.map(({ app, environment }) => `${app}/${environment}`).sort();

describe('the environments that exist', () => {
  test('are those of stacks and of namespaces', async () => {
    const found = await existingEnvironments(
      [],
      witnesses({
        stacks: async () => [{ app: 'shop', environment: 'main' }],
        namespaces: async () => [{ app: 'blog', environment: 'draft' }],
      }),
    );
    expect(names(found)).toEqual(['blog/draft', 'shop/main']);
  });

  test('are those of worktrees, for every app that a mark or a namespace puts in their repository', async () => {
    const found = await existingEnvironments(
      [owner('gone')],
      witnesses({
        namespaces: async () => [
          { app: 'admin', environment: 'x', repository: '/src/shop/.git' },
          { app: 'blog', environment: 'y', repository: '/src/blog/.git' },
        ],
        worktrees: async (repository) =>
          repository === '/src/shop/.git'
            ? [worktree('/src/login', 'feat/login'), worktree('/src/detached')]
            : [],
      }),
    );
    expect(names(found)).toEqual([
      'admin/detached',
      'admin/feat-login',
      'admin/x',
      'blog/y',
      'shop/detached',
      'shop/feat-login',
    ]);
  });

  test('are not those of a worktree whose folder is gone, nor of a bare repository', async () => {
    const found = await existingEnvironments(
      [owner('gone')],
      witnesses({
        worktrees: async () => [
          worktree('/src/shop.git', undefined, { bare: true }),
          worktree('/src/gone', 'gone', { prunable: 'gitdir file points to non-existent location' }),
        ],
      }),
    );
    expect(names(found)).toEqual([]);
  });

  test.each(['COPPICE_NO_FOLDER', 'COPPICE_NOT_A_REPOSITORY', 'COPPICE_GIT_OWNER'] as const)(
    'include those in a repository that cannot be read (%s)',
    async (code) => {
      const found = await existingEnvironments(
        [owner('a', '/disk/shop/.git'), owner('b', '/src/shop/.git')],
        witnesses({
          worktrees: async (repository) => {
            if (repository.startsWith('/disk')) throw new CoppiceError(code, 'not there');
            return [];
          },
        }),
      );
      expect(names(found)).toEqual(['shop/a']);
    },
  );

  test.each<[string, Partial<Witnesses>]>([
    ['stacks', { stacks: () => Promise.reject(new Error('EACCES')) }],
    ['the cluster', { namespaces: () => Promise.reject(new Error('ECONNREFUSED')) }],
    ['git', { worktrees: () => Promise.reject(new CoppiceError('COPPICE_NO_GIT', 'not on PATH')) }],
  ])('are unknown when %s cannot be read', async (_, changes) => {
    expect(await existingEnvironments([owner('a')], witnesses(changes))).toBeUndefined();
  });
});

describe('the environments that were brought up', () => {
  test('are those of stacks and of namespaces, and of no worktree', async () => {
    const found = await broughtUpEnvironments(
      witnesses({
        stacks: async () => [{ app: 'shop', environment: 'main' }],
        namespaces: async () => [{ app: 'blog', environment: 'draft', repository: '/src/blog/.git' }],
        worktrees: async () => [worktree('/src/login', 'feat/login')],
      }),
    );
    expect(names(found)).toEqual(['blog/draft', 'shop/main']);
  });

  test.each<[string, Partial<Witnesses>]>([
    ['stacks', { stacks: () => Promise.reject(new Error('EACCES')) }],
    ['the cluster', { namespaces: () => Promise.reject(new Error('ECONNREFUSED')) }],
  ])('are unknown when %s cannot be read', async (_, changes) => {
    expect(await broughtUpEnvironments(witnesses(changes))).toBeUndefined();
  });
});
