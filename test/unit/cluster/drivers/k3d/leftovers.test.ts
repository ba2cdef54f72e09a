import { expect, test } from 'vitest';
import { isInUse, isOfK3d } from '../../../../../cluster/drivers/k3d/leftovers.ts';

test("k3d's networks are recognized by its label, volumes by that and the cluster's name", () => {
  expect(isOfK3d('network', { app: 'k3d' }, 'coppice')).toBe(true);
  expect(isOfK3d('network', {}, 'coppice')).toBe(false);
  expect(isOfK3d('network', null, 'coppice')).toBe(false);
  const volume = { app: 'k3d', 'k3d.cluster': 'coppice', 'k3d.version': 'v5.9.0' };
  expect(isOfK3d('volume', volume, 'coppice')).toBe(true);
  expect(isOfK3d('volume', volume, 'work')).toBe(false);
  expect(isOfK3d('volume', { 'k3d.cluster': 'coppice' }, 'coppice')).toBe(false);
});

test('what is in use is distinguished from what cannot be removed', () => {
  for (const said of [
    'Error response from daemon: error while removing network: network k3d-coppice id 1f2e has active endpoints',
    'Error response from daemon: error while removing network: network k3d-coppice has active endpoints (name:"web" id:"7c1d")',
    'Error response from daemon: remove k3d-coppice-images: volume is in use - [1f2e]',
  ])
    expect(isInUse(said), said).toBe(true);
  expect(isInUse('Error response from daemon: permission denied')).toBe(false);
});
