import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { partsAskedFor } from '../../../../app/platform/parts.ts';
import { addPlatformParts, readPlatformParts } from '../../../../core/state/platform-parts.ts';
import { partsFor } from '../../../../platform/parts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-parts-'));
  vi.stubEnv('XDG_DATA_HOME', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('a spec needs a server only where its database is on one of ours', () => {
  expect(partsFor({})).toEqual([]);
  expect(partsFor({ database: {} })).toEqual(['postgres']);
  expect(partsFor({ database: { engine: 'postgres', server: 'platform' } })).toEqual(['postgres']);
  expect(partsFor({ database: { engine: 'sqlite' } })).toEqual([]);
  expect(partsFor({ database: { server: 'managed' } })).toEqual([]);
});

test('a spec needs a Temporal server only where its namespace is on one of ours', () => {
  expect(partsFor({ temporal: {} })).toEqual(['temporal']);
  expect(partsFor({ temporal: { server: 'platform' } })).toEqual(['temporal']);
  expect(partsFor({ temporal: { server: 'managed' } })).toEqual([]);
  expect(partsFor({ temporal: {}, database: {} })).toEqual(['postgres', 'temporal']);
});

test('the coppice.yaml of the current folder counts, and an unreadable one does not stop the platform', async () => {
  writeFileSync(join(folder, 'coppice.yaml'), 'version: 1\nname: shop\ndatabase: {}\n');
  expect(await partsAskedFor(undefined, folder)).toEqual(['postgres']);
  expect(await partsAskedFor('postgres', folder)).toEqual(['postgres']);
  writeFileSync(join(folder, 'coppice.yaml'), 'version: 1\nname: [');
  expect(await partsAskedFor(undefined, folder)).toEqual([]);
  expect(await partsAskedFor('postgres', folder)).toEqual(['postgres']);
});

test('several parts can be named at once, and one name stands for all of telemetry', async () => {
  const telemetry = ['collector', 'logs', 'metrics', 'traces'];
  expect(await partsAskedFor('telemetry', folder)).toEqual(telemetry);
  expect(partsFor({ telemetry: {} })).toEqual(telemetry);
  expect(await partsAskedFor('temporal,telemetry', folder)).toEqual(['temporal', ...telemetry]);
});

test('an unknown part is wrong usage, with the known ones listed', async () => {
  await expect(partsAskedFor('mysql', folder)).rejects.toMatchObject({
    code: 'COPPICE_USAGE',
    hint: 'parts: postgres, temporal, telemetry, grafana',
    exitCode: 2,
  });
});

test('a part that joined stays, even when the next up does not need it', async () => {
  expect(await readPlatformParts()).toEqual({});
  expect(await addPlatformParts(['postgres'])).toEqual({ postgres: true });
  expect(await addPlatformParts([])).toEqual({ postgres: true });
  expect(await addPlatformParts(['temporal'])).toEqual({ postgres: true, temporal: true });
  expect(await readPlatformParts()).toEqual({ postgres: true, temporal: true });
});
