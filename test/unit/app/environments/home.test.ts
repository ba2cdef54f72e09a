import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Claim, type Dwelling, type Home, homeOf } from '../../../../app/environments/home.ts';
import { slugOf } from '../../../../core/names.ts';
import { recordMove } from '../../../../core/state/moved-repositories.ts';

const repository = '/src/shop/.git';
const branches = ['main', 'feat/a', 'feat/b', 'free'];
const hasBranch = (branch: string) => branches.includes(branch);
const main = { path: '/src/shop', name: 'main' };
const a = { path: '/src/a', name: 'feat/a' };
const at = (path: string, more: Partial<Home> = {}) =>
  expect.objectContaining({ kind: 'worktree', path, isFolderGone: false, isBranchGone: false, ...more });

test.each<[what: string, claim: Omit<Claim, 'repository'>, worktrees: Dwelling[], home: unknown]>([
  [
    'its worktree is there',
    { slug: 'feat-a', branch: 'feat/a', worktree: '/src/a' },
    [main, a],
    at('/src/a'),
  ],
  [
    'its branch was renamed',
    { slug: 'old', branch: 'old', worktree: '/src/a' },
    [main, a],
    at('/src/a', { isBranchGone: true, now: 'feat/a' } as Partial<Home>),
  ],
  [
    'its worktree switched to another branch',
    { slug: 'free', branch: 'free', worktree: '/src/a' },
    [main, a],
    at('/src/a', { now: 'feat/a' } as Partial<Home>),
  ],
  [
    'its worktree was moved',
    { slug: 'feat-a', branch: 'feat/a', worktree: '/old/a' },
    [main, a],
    at('/src/a'),
  ],
  [
    'its branch is in another worktree now, and its own on a third',
    { slug: 'feat-a', branch: 'feat/a', worktree: '/src/b' },
    [main, a, { path: '/src/b', name: 'feat/b' }],
    at('/src/a'),
  ],
  [
    'a branch that is checked out twice stays with its worktree',
    { slug: 'feat-a', branch: 'feat/a', worktree: '/src/a2' },
    [main, a, { path: '/src/a2', name: 'feat/a' }],
    at('/src/a2'),
  ],
  [
    'a name of its own stays with its worktree, whatever has its branch',
    { slug: 'demo', branch: 'feat/a', worktree: '/src/shop' },
    [main, a],
    at('/src/shop', { now: 'main' } as Partial<Home>),
  ],
  [
    'a name of its own goes with its branch when its worktree is gone',
    { slug: 'demo', branch: 'feat/a', worktree: '/old/a' },
    [main, a],
    at('/src/a'),
  ],
  [
    'detached, by the name of the worktree',
    { slug: 'a1', branch: 'a1', worktree: '/old/a' },
    [main, { path: '/src/a', name: 'a1' }],
    at('/src/a'),
  ],
  [
    'detached since its last up',
    { slug: 'feat-a', branch: 'feat/a', worktree: '/src/a' },
    [main, { path: '/src/a', name: 'a1' }],
    at('/src/a', { now: 'a1' } as Partial<Home>),
  ],
  [
    'the folder of its worktree is gone',
    { slug: 'feat-a', branch: 'feat/a', worktree: '/src/a' },
    [main, { ...a, prunable: 'no folder' }],
    at('/src/a', { isFolderGone: true } as Partial<Home>),
  ],
  [
    'its branch has a worktree again after the folder was deleted by hand',
    { slug: 'feat-a', branch: 'feat/a', worktree: '/src/a' },
    [main, { ...a, prunable: 'no folder' }, { path: '/src/a2', name: 'feat/a' }],
    at('/src/a2'),
  ],
  [
    'its branch alone',
    { slug: 'free', branch: 'free', worktree: '/src/free' },
    [main, a],
    { kind: 'branch', branch: 'free', why: 'its worktree /src/free is gone' },
  ],
  [
    'nothing of it',
    { slug: 'old', branch: 'old', worktree: '/src/old' },
    [main, a],
    { kind: 'orphaned', why: 'its worktree /src/old is gone, and its branch old is gone' },
  ],
  ['only a slug is known', { slug: 'feat-a' }, [main, a], at('/src/a')],
  ['only a slug, of nothing', { slug: 'x' }, [main, a], { kind: 'orphaned', why: 'its worktree is gone' }],
])('%s', (_, claim, worktrees, home) => {
  expect(homeOf({ ...claim, repository }, { repository, worktrees, hasBranch })).toEqual(home);
});

test('before the branches are known, nothing is said of them', () => {
  const household = { repository, worktrees: [main, a], hasBranch: () => undefined };
  expect(homeOf({ slug: 'old', branch: 'old', worktree: '/src/a' }, household)).toEqual(
    at('/src/a', { now: 'feat/a' } as Partial<Home>),
  );
  expect(homeOf({ slug: 'old', branch: 'old', worktree: '/src/old' }, household)).toEqual({
    kind: 'orphaned',
    why: 'its worktree /src/old is gone',
  });
});

test('of two repositories with one app and one branch, each has its own', () => {
  const other = { repository: '/src/other/.git', worktrees: [main, a], hasBranch };
  const claim = { slug: 'feat-a', branch: 'feat/a', worktree: '/src/a', repository };
  expect(homeOf(claim, other)).toEqual({ kind: 'another repository' });
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-home-'));
  vi.stubEnv('XDG_DATA_HOME', join(folder, 'data'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('a repository that was moved has its environments, at its new place', async () => {
  const [before, now] = [join(folder, 'old'), join(folder, 'new')];
  mkdirSync(join(before, '.git'), { recursive: true });
  const claim = { slug: 'main', branch: 'main', worktree: before, repository: join(before, '.git') };
  renameSync(before, now);
  const household = { repository: join(now, '.git'), worktrees: [{ path: now, name: 'main' }], hasBranch };
  expect(homeOf(claim, household)).toEqual({ kind: 'another repository' });
  await recordMove(join(before, '.git'), join(now, '.git'));
  expect(homeOf(claim, household)).toEqual(at(now));
});

const names = ['main', 'feat/a', 'feat/b', 'free', 'old'];
const folders = ['/src/1', '/src/2', '/src/3', '/src/4'];
const world = fc.record({
  claim: fc.record({
    slug: fc.constantFrom('main', 'feat-a', 'feat-b', 'free', 'old', 'demo'),
    repository: fc.constantFrom(repository, '/src/other/.git'),
    branch: fc.constantFrom(...names),
    worktree: fc.constantFrom(...folders),
  }),
  worktrees: fc.uniqueArray(
    fc.record({
      path: fc.constantFrom(...folders),
      name: fc.constantFrom(...names),
      prunable: fc.constantFrom(undefined, undefined, 'no folder'),
    }),
    { selector: ({ path }) => path, maxLength: 4 },
  ),
});

test('whatever was renamed, moved or deleted, an environment has one home, and never loses one that is there', () => {
  fc.assert(
    fc.property(world, ({ claim, worktrees }) => {
      const dwellings: Dwelling[] = worktrees.map(({ prunable, ...one }) => ({
        ...one,
        ...(prunable && { prunable }),
      }));
      const home = homeOf(claim, { repository, worktrees: dwellings, hasBranch });
      expect(home.kind === 'another repository').toBe(claim.repository !== repository);
      if (home.kind === 'another repository') return;
      const there = dwellings.filter(({ prunable }) => prunable === undefined);
      const own = there.find(({ path }) => path === claim.worktree);
      const onBranch = there.filter(({ name }) => name === claim.branch);
      if (own !== undefined || onBranch.length > 0)
        expect(home).toMatchObject({ kind: 'worktree', isFolderGone: false });
      if (home.kind === 'worktree') {
        const place = dwellings.find(({ path }) => path === home.path);
        expect(place?.path === claim.worktree || place?.name === claim.branch).toBe(true);
        const isNamed = claim.slug !== slugOf(claim.branch);
        if (own !== undefined && (isNamed || own.name === claim.branch)) expect(home.path).toBe(own.path);
        else if (onBranch.length > 0) expect(place?.name).toBe(claim.branch);
        expect(home.now).toBe(place?.name === claim.branch ? undefined : place?.name);
        expect(home.isBranchGone).toBe(place?.name !== claim.branch && !hasBranch(claim.branch));
      } else {
        expect(dwellings.some(({ path, name }) => path === claim.worktree || name === claim.branch)).toBe(
          false,
        );
        expect(home.kind).toBe(hasBranch(claim.branch) ? 'branch' : 'orphaned');
      }
    }),
    { numRuns: 2000 },
  );
});
