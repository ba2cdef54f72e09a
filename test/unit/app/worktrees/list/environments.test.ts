import { describe, expect, test } from 'vitest';
import { switchProblem } from '../../../../../app/environments/branch-now.ts';
import { listed, placeOf, whyOrphaned } from '../../../../../app/worktrees/list/environments.ts';
import { nextCommands } from '../../../../../app/worktrees/list/here.ts';

const worktrees = [
  { path: '/src/shop', name: 'main', detached: false },
  { path: '/src/feat', name: 'feat/a', detached: false },
  { path: '/src/gone', name: 'gone', detached: false, prunable: 'no folder' },
];
const hasBranch = (branch: string) => branch !== 'deleted';
const household = { repository: '/src/shop/.git', worktrees, hasBranch };

describe('an environment stands', () => {
  test.each([
    [
      'with the worktree of its branch',
      { slug: 'feat-a', branch: 'feat/a', worktree: '/src/feat' },
      '/src/feat',
    ],
    ['there too after that was moved', { slug: 'feat-a', branch: 'feat/a', worktree: '/old' }, '/src/feat'],
    [
      'with its worktree that is on another branch now',
      { slug: 'x', branch: 'x', worktree: '/src/feat' },
      '/src/feat',
    ],
    [
      'with the name from --as beside its branch',
      { slug: 'demo', branch: 'main', worktree: '/src/shop' },
      '/src/shop',
    ],
    ['by its slug where nothing more is known', { slug: 'feat-a' }, '/src/feat'],
    ['nowhere when both are gone', { slug: 'x', branch: 'x', worktree: '/x' }, undefined],
  ])('%s', (_, owner, path) => {
    expect(placeOf(owner, household)).toBe(path);
  });
});

test.each([
  [{ slug: 'feat-a', branch: 'feat/a', worktree: '/src/feat' }, undefined],
  [{ slug: 'gone', branch: 'gone', worktree: '/src/gone' }, 'the folder of its worktree, /src/gone, is gone'],
  [{ slug: 'x', branch: 'x', worktree: '/x' }, 'its worktree /x is gone'],
  [
    { slug: 'x', branch: 'deleted', worktree: '/x' },
    'its worktree /x is gone, and its branch deleted is gone',
  ],
  [{ slug: 'x', branch: 'deleted', worktree: '/src/feat' }, undefined],
  [{ slug: 'x', branch: 'x', worktree: '/src/feat' }, undefined],
])('whether %j is an orphan', (owner, why) => {
  expect(whyOrphaned(owner, household)).toBe(why);
});

describe('the state of a list', () => {
  const found = {
    app: 'shop',
    slug: 'feat-a',
    namespace: 'wt-shop--feat-a',
    branch: 'feat/a',
    worktree: '/src/feat',
    reasons: [],
    changed: ['coppice.yaml'],
    urls: [],
  };
  test.each([
    ['up', 'changed'],
    ['degraded', 'degraded'],
    ['failing', 'failing'],
    ['stopped', 'stopped'],
  ] as const)('of one that is %s and has changed is %s', (state, said) => {
    const { state: listedState, reasons } = listed({ ...found, state }, household);
    expect(listedState).toBe(said);
    expect(reasons).toContain('changed since its last up: coppice.yaml');
  });

  test.each(['up', 'stopped', 'degraded'] as const)(
    'of one that is %s and whose branch was renamed says what to do, first and once',
    (state) => {
      const left = { ...found, slug: 'deleted', branch: 'deleted', changed: [], state };
      const reasons = [switchProblem('deleted', 'feat/a') ?? '', 'web crashes'];
      const row = listed({ ...left, reasons }, household);
      expect(row).toMatchObject({ state, renamedTo: 'feat/a' });
      expect(row.reasons).toEqual([
        'its branch deleted is gone (renamed or deleted), and its worktree is on feat/a now',
        expect.stringMatching(/^`wt down shop\/deleted` removes it; .*`git switch -c deleted`/),
        'web crashes',
      ]);
      expect(listed({ ...found, state, reasons: [] }, household)).not.toHaveProperty('renamedTo');
    },
  );

  test('of one without a worktree is orphaned, whatever its pods do', () => {
    const orphan = { ...found, branch: 'x', slug: 'x', worktree: '/x', state: 'up' as const, changed: [] };
    expect(listed(orphan, household).state).toBe('orphaned');
    expect(listed({ ...orphan, state: 'ending' }, household).state).toBe('ending');
  });
});

const environment = (state: 'up' | 'stopped' | 'changed' | 'failing' | 'absent') => [
  { app: 'shop', slug: 'a', state, reasons: [], urls: [] },
];
test.each([
  [{}, { spec: false, cluster: false }, ['wt create BRANCH', 'wt init']],
  [{}, { spec: true, cluster: false }, ['wt up', 'wt list']],
  [{ environments: environment('up') }, { spec: true, cluster: true }, ['wt open', 'wt logs -f']],
  [{ environments: environment('changed') }, { spec: true, cluster: true }, ['wt up', 'wt status']],
  [{ environments: environment('failing') }, { spec: true, cluster: true }, ['wt status', 'wt up']],
  [{ environments: environment('stopped') }, { spec: true, cluster: true }, ['wt start', 'wt list']],
  [{ environments: environment('absent') }, { spec: true, cluster: true }, ['wt up', 'wt list']],
  [{ operation: 'rebase' as const }, { spec: true, cluster: true }, ['git status', 'wt list']],
])('after %j, %j comes %j', (worktree, there, next) => {
  expect(nextCommands(worktree, there)).toEqual(next);
});
