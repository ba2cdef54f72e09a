import { expect, test } from 'vitest';
import { catalogueEntry, catalogueNames, upstreamImages } from '../../../../cluster/images/catalogue.ts';
import { runtimes } from '../../../../config/spec/schema/values.ts';
import { programNames } from '../../../../toolchain/manifest.ts';

test.each(catalogueNames)(
  '%s has a complete upstream reference: registry, name and tag, no made-up digest',
  (name) => {
    expect(catalogueEntry(name).upstream).toMatch(/^[a-z0-9.-]+\.[a-z]+\/[a-z0-9/-]+:v?[0-9][\w.-]*$/);
  },
);

test.each(catalogueNames)('%s is assembled from programs that the toolchain has, if it is', (name) => {
  for (const program of catalogueEntry(name).recipe?.programs ?? []) expect(programNames).toContain(program);
});

test('Grafana alone is never assembled: it is under the AGPL', () => {
  expect(catalogueNames.filter((name) => catalogueEntry(name).recipe === undefined)).toEqual(['grafana']);
});

test('exactly the runtimes that a spec may name are in the catalogue', () => {
  expect(catalogueNames.filter((name) => catalogueEntry(name).runtime)).toEqual([...runtimes]);
});

test('the upstream node is the version that runs us', () => {
  expect(upstreamImages().node).toBe(`docker.io/library/node:${process.versions.node}-bookworm-slim`);
});
