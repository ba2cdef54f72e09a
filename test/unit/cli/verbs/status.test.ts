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
  ['not up', (switched: string[]) => absentReport({ kind: 'absent', name, switched }), 1],
  ['ending', (switched: string[]) => absentReport({ kind: 'ending', name, switched }), 1],
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
