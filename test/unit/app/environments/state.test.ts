import { expect, test } from 'vitest';
import { stateOf, withProblems } from '../../../../app/environments/status.ts';

type Seen = Parameters<typeof stateOf>[0];

const service = (state: Seen['services'][number]['state']) => ({
  name: 'web',
  state,
  wanted: 1,
  ready: 1,
  restarts: 0,
  reasons: [],
});
const nothing: Seen = { stopped: false, services: [], installs: [], routes: [] };

test.each<[string, Partial<Seen>, string]>([
  ['is stopped whatever its services say', { stopped: true, services: [service('failing')] }, 'stopped'],
  [
    'starts while its packages are installed',
    { installs: [{ name: 'web', volume: 'web-packages', state: 'running' }] },
    'starting',
  ],
  ['is up with its services', { services: [service('ready')] }, 'up'],
  ['is up with a service that is off', { services: [service('ready'), service('stopped')] }, 'up'],
  ['fails with a service', { services: [service('ready'), service('failing')] }, 'failing'],
])('an environment %s', (_, seen, state) => {
  expect(stateOf({ ...nothing, ...seen })).toBe(state);
});

test('an environment that answers from the files of another branch is degraded, and one that is stopped stays so', () => {
  const problems = [{ kind: 'branch', what: 'its worktree is on b now' }] as const;
  expect(withProblems('up', problems)).toBe('degraded');
  expect(withProblems('up', [])).toBe('up');
  expect(withProblems('stopped', problems)).toBe('stopped');
  expect(withProblems('failing', problems)).toBe('failing');
});
