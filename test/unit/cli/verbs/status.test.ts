import { expect, test } from 'vitest';
import * as words from '../../../../cli/ui/workers.ts';
import { absentReport, environmentReport } from '../../../../cli/verbs/status.ts';

const name = { app: 'shop', slug: 'feat-b', namespace: 'wt-shop--feat-b', branch: 'feat-b' };
const seen = {
  namespace: name.namespace,
  ending: false,
  stopped: false,
  schedulesPaused: false,
  environmentId: '0123abcd',
  repository: '/src/shop/.git',
  branch: 'feat-b',
  worktree: '/src/shop',
  commit: undefined,
  created: undefined,
  services: [],
  installs: [],
  urls: [],
  routes: [],
};

test.each([
  ['not up', (switched: string[]) => absentReport({ kind: 'absent', name, switched, renamed: [] }), 1],
  ['ending', (switched: string[]) => absentReport({ kind: 'ending', name, switched, renamed: [] }), 1],
  [
    'up',
    (switched: string[]) =>
      environmentReport(
        {
          kind: 'present',
          name,
          state: 'up',
          seen,
          problems: [],
          switched,
          renamed: [],
          changed: [],
          temporal: undefined,
        },
        {},
        words,
      ),
    0,
  ],
])('what another branch brought up from the worktree is said of one that is %s', (_, report, exitCode) => {
  const said = report(['shop/feat-a']);
  expect(said).toMatchObject({ exitCode, json: { switched: ['shop/feat-a'] } });
  expect(said.text).toContain('shop/feat-a was brought up from the same worktree');
  expect(said.text).toContain('try: wt down shop/feat-a, or switch back');
  const without = report([]);
  expect(without.text).not.toContain('same worktree');
  expect(without.json).not.toHaveProperty('switched');
});

test('of an environment whose branch was renamed, status says what to type in place of switching back', () => {
  const renamed = [{ app: 'shop', slug: 'feat-a', branch: 'feat/a', now: 'feat-b' }];
  const { text, json } = absentReport({ kind: 'absent', name, switched: ['shop/feat-a'], renamed });
  expect(text).toContain('its branch feat/a is gone (renamed or deleted), and its worktree is on feat-b now');
  expect(text).toMatch(/try: `wt down shop\/feat-a` removes it; .*`git switch -c feat\/a` goes on with it/);
  expect(text).not.toContain('switch back');
  expect(json).toMatchObject({ switched: ['shop/feat-a'], renamed });
});

test('the environment of a branch that is gone says the same of itself', () => {
  const { text } = environmentReport(
    {
      kind: 'present',
      name,
      state: 'degraded',
      seen,
      problems: [{ kind: 'branch', what: 'its branch is gone', fix: '`wt down shop/feat-b` removes it' }],
      switched: [],
      renamed: [],
      changed: [],
      temporal: undefined,
    },
    {},
    words,
  );
  expect(text).toContain('its branch is gone\n  try: `wt down shop/feat-b` removes it');
  expect(text).not.toContain('switch back');
});

test('names the newest error of the log store, and where the others are', () => {
  const found = {
    kind: 'present',
    name,
    state: 'up',
    seen,
    problems: [],
    switched: [],
    renamed: [],
  } as const;
  const time = new Date(Date.now() - 5_000).toISOString();
  const newest = {
    time,
    namespace: 'n',
    service: 'api',
    level: 'error',
    text: 'no table x\n at y',
    fields: {},
  } as const;
  const { text, json } = environmentReport(
    { ...found, changed: [], temporal: undefined },
    { environment: 'feat-b' },
    words,
    newest,
  );
  expect(text).toMatch(
    /newest error, \d+ s ago: api: no table x \(\+1 lines\)\n {2}try: wt errors --env feat-b/,
  );
  expect(json).toMatchObject({ newestError: { time, service: 'api', text: 'no table x\n at y' } });
});
