import { expect, test } from 'vitest';
import { isReplaced as isReplacedBy } from '../../../../app/clusters/replaced.ts';
import type { ClusterRecord } from '../../../../core/state/cluster-record.ts';

const isReplaced = (record: ClusterRecord, now: ClusterRecord, reset = false) =>
  isReplacedBy({ record, reset }, now);
const before: ClusterRecord = {
  driver: 'k3d',
  kubeconfig: '/home/ada/.local/share/coppice/k3d-coppice.kubeconfig',
  context: 'k3d-coppice',
  uid: 'old',
  engine: 'FFCL',
  http: { port: 80 },
  ingress: 'published',
  images: {},
};

test('another k3d cluster in the same engine means that the recorded one is gone', () => {
  expect(isReplaced(before, { ...before, uid: 'new' })).toBe(true);
});

test('for the same cluster, another engine, another name and another driver, the records are kept', () => {
  expect(isReplaced(before, before)).toBe(false);
  expect(isReplaced(before, { ...before, uid: 'new', engine: 'OTHER' })).toBe(false);
  expect(isReplaced(before, { ...before, uid: 'new', context: 'k3d-other' })).toBe(false);
  expect(isReplaced(before, { ...before, uid: 'new', driver: 'embedded' })).toBe(false);
  const existing = { ...before, driver: 'existing' } as const;
  expect(isReplaced(existing, { ...existing, uid: 'new' })).toBe(false);
});

test('after a reset any other cluster of the driver is a different one, even where a driver cannot tell by itself', () => {
  const embedded = { ...before, driver: 'embedded' } as const;
  expect(isReplaced(embedded, { ...embedded, uid: 'new' })).toBe(false);
  expect(isReplaced(embedded, { ...embedded, uid: 'new' }, true)).toBe(true);
  // The reset did not happen after all.
  expect(isReplaced(embedded, embedded, true)).toBe(false);
  expect(isReplaced(embedded, { ...before, uid: 'new' }, true)).toBe(false);
});
