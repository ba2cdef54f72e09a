import { expect, test } from 'vitest';
import type { TemporalInputs } from '../../../../resources/temporal-namespace/contract.ts';
import {
  isSameOwner,
  markData,
  namespaceOwner,
  readMark,
} from '../../../../servers/temporal/namespaces/mark.ts';
import { testOwner } from '../../../servers/temporal/harness.ts';

const owner = testOwner('main');
const platform: TemporalInputs = {
  ...owner,
  kubeconfig: '/config',
  context: 'coppice',
  cluster: 'uid-1',
  namespace: 'wt-shop--main',
  server: { kind: 'platform' },
  temporal: {
    server: 'platform',
    namespace: 'wt-shop--main',
    retentionSeconds: 86_400,
    searchAttributes: {},
  },
};
const managed: TemporalInputs = {
  ...platform,
  server: { kind: 'managed', address: 'temporal.example.com:7233', namespaces: 'create' },
};
const made = { created: '2026-01-01T00:00:00.000Z', attempt: 'a' };

test("on the platform's server an owner is without its cluster, on a managed one with it", () => {
  expect(namespaceOwner(platform)).toEqual(owner);
  expect(namespaceOwner(managed)).toEqual({ ...owner, cluster: 'uid-1' });
});

test('a mark can be read back, and needs every field except the cluster', () => {
  for (const inputs of [platform, managed]) {
    const mark = { ...namespaceOwner(inputs), ...made };
    expect(readMark(markData(mark))).toEqual(mark);
  }
  const { 'coppice.dev/attempt': _, ...less } = markData({ ...owner, ...made });
  expect(readMark(less)).toBeUndefined();
});

test('two owners with one repository path are the same only in one cluster', () => {
  const other = { ...managed, cluster: 'uid-2' };
  expect(isSameOwner(namespaceOwner(managed), namespaceOwner(managed))).toBe(true);
  expect(isSameOwner(namespaceOwner(managed), namespaceOwner(other))).toBe(false);
});
