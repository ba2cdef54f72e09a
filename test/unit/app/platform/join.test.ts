import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { joinParts } from '../../../../app/platform/join.ts';
import type { Ports } from '../../../../app/ports.ts';
import { readPlatformParts } from '../../../../core/state/platform-parts.ts';
import { argsFrom } from '../../../../platform/parts.ts';
import { record } from '../../../golden/plans.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-join-'));
  vi.stubEnv('XDG_DATA_HOME', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Nothing here gets as far as to need them. */
const ports = {} as Ports;
const nowhere = async () => false;

test('Grafana does not join where its image cannot be pulled, and the platform is as it was', async () => {
  await expect(joinParts(['grafana'], record, ports, nowhere)).rejects.toMatchObject({
    code: 'COPPICE_IMAGE',
    message: expect.stringContaining('docker.io/grafana/grafana'),
  });
  expect(await readPlatformParts()).toEqual({});
});

test('it joins where the nodes have its image, whatever the registry says', async () => {
  const cluster = { ...record, images: { ...record.images, grafana: 'docker.io/grafana/grafana:1' } };
  const { parts } = await joinParts(['grafana'], cluster, ports, nowhere);
  expect(parts).toEqual({ grafana: true });
  expect(Object.keys(argsFrom(cluster, parts))).toEqual(['grafana']);
});

test('once it has joined, a cluster without its image does without it', async () => {
  expect(argsFrom(record, { grafana: true })).toEqual({});
  const { cluster } = await joinParts([], record, ports, nowhere);
  expect(cluster).toBe(record);
});
