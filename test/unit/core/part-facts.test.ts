import { expect, test } from 'vitest';
import { nodePorts } from '../../../core/node-ports.ts';
import { factsOf, onDemandParts, partNames, publishedParts, storedParts } from '../../../core/part-facts.ts';

const all = partNames.map(factsOf);
const ports = all.flatMap(({ port }) => port ?? []);
const volumes = all.flatMap(({ volume }) => volume ?? []);
const twice = (values: readonly unknown[]) => values.filter((value, at) => values.indexOf(value) !== at);

test('ports of the nodes are in the range that Kubernetes reserves for them', () => {
  for (const port of Object.values(nodePorts)) {
    expect(port).toBeGreaterThanOrEqual(30000);
    expect(port).toBeLessThanOrEqual(32767);
  }
});

test('no two parts share a port, a folder, a key or a name', () => {
  expect(twice(Object.values(nodePorts))).toEqual([]);
  expect(twice(ports.map(({ here }) => here))).toEqual([]);
  expect(twice(ports.map(({ service }) => service))).toEqual([]);
  expect(twice(volumes.map(({ key }) => key))).toEqual([]);
  expect(twice(volumes.map(({ folder }) => folder.embedded))).toEqual([]);
  expect(twice(volumes.map(({ folder }) => folder.k3d))).toEqual([]);
  expect(twice(all.map(({ service }) => service))).toEqual([]);
});

test('every part but the gateway, which all others are reached through, and its pages joins on demand', () => {
  expect(partNames.filter((part) => factsOf(part).joins === 'always')).toEqual(['gateway', 'pages']);
});

test('names that occur in settings, records and clusters do not change', () => {
  expect(onDemandParts).toEqual(expect.arrayContaining(['postgres', 'temporal']));
  expect(publishedParts).toEqual(expect.arrayContaining(['postgres', 'temporal']));
  expect(storedParts).toEqual(expect.arrayContaining(['postgres', 'temporal']));
  expect(volumes.map(({ key }) => key)).toEqual(expect.arrayContaining(['databaseVolume', 'temporalVolume']));
  expect(nodePorts).toMatchObject({ http: 30080, https: 30443, postgres: 30432, temporal: 30733 });
});
