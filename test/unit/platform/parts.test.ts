import { expect, test } from 'vitest';
import { specSchema } from '../../../config/spec/schema/spec.ts';
import {
  byPublishedPart,
  byVolumeKey,
  factsOf,
  onDemandParts,
  partFacts,
  partNames,
  partsNamed,
} from '../../../core/part-facts.ts';
import type { ClusterRecord } from '../../../core/state/cluster-record.ts';
import { argsFrom, partsFor, plansOf } from '../../../platform/parts.ts';

test('a part joins for the key of coppice.yaml that the help names, and for no other', () => {
  for (const part of onDemandParts) {
    const { askedBy } = factsOf(part);
    if (askedBy === undefined) continue;
    expect(Object.keys(specSchema.shape)).toContain(askedBy);
    expect(partsFor({ [askedBy]: {} })).toContain(part);
    for (const other of partsFor({ [askedBy]: {} })) expect(factsOf(other).askedBy).toBe(askedBy);
  }
  expect(partsFor({})).toEqual([]);
});

test('Grafana joins by its name alone', () => {
  const asking = partsFor({ database: {}, temporal: {}, telemetry: {} });
  expect(onDemandParts.filter((part) => !asking.includes(part))).toEqual(['grafana']);
  expect(partsNamed('grafana')).toEqual(['grafana']);
});

test('a file database and a managed server require no part', () => {
  expect(partsFor({ database: { engine: 'sqlite' } })).toEqual([]);
  expect(partsFor({ database: { server: 'managed' }, temporal: { server: 'managed' } })).toEqual([]);
});

test('every part that has joined waits for the pod of its own Service', () => {
  const images = [...partNames.map((part) => partFacts[part].image), 'node'];
  const record: ClusterRecord = {
    driver: 'existing',
    kubeconfig: '/home/ann/kubeconfig',
    context: 'coppice',
    uid: '6f0c0a4e',
    http: { port: 80 },
    ingress: 'host-loopback',
    images: Object.fromEntries(images.map((name) => [name, `${name}:1`])),
    ...byPublishedPart((part) => ({ port: partFacts[part].port.here })),
    ...byVolumeKey(() => ({ kind: 'claim', size: '1Gi' }) as const),
  };
  const joined = Object.fromEntries(onDemandParts.map((part) => [part, true] as const));
  const plans = plansOf(argsFrom(record, joined));
  expect(plans.map(({ pod }) => pod.name)).toEqual(onDemandParts.map((part) => partFacts[part].service));
});
