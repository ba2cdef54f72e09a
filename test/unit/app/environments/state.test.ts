import { expect, test } from 'vitest';
import { stateOf } from '../../../../app/environments/status.ts';

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
