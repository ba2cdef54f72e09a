import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startCluster } from '../../../../app/clusters/clusters.ts';
import { noteReplaced, readReplaced } from '../../../../app/clusters/replaced.ts';
import type { ClusterDriver } from '../../../../cluster/driver.ts';
import { writeJson } from '../../../../core/files.ts';
import { paths } from '../../../../core/paths.ts';
import { silent } from '../../../../core/progress.ts';
import type { ClusterRecord } from '../../../../core/state/cluster-record.ts';

const { XDG_DATA_HOME } = process.env;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-start-'));
  process.env.XDG_DATA_HOME = folder;
  mkdirSync(paths().data);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  if (XDG_DATA_HOME === undefined) delete process.env.XDG_DATA_HOME;
  else process.env.XDG_DATA_HOME = XDG_DATA_HOME;
});

const record = (uid: string): ClusterRecord => ({
  driver: 'k3d',
  kubeconfig: join(folder, 'kubeconfig'),
  context: 'k3d-coppice',
  uid,
  engine: 'FFCL',
  http: { port: 80 },
  ingress: 'published',
  images: {},
});
const ports = { screen: { ...silent, close: () => {} } } as unknown as Parameters<typeof startCluster>[1];
const platform = () => join(paths().data, 'platform.json');

/** A stand-in that has created a cluster with that uid; like the real drivers it writes its record last. */
const driver = (uid: string) =>
  ({
    name: 'k3d',
    start: async () => {
      await writeJson(paths().clusterRecord, record(uid));
      return record(uid);
    },
  }) as unknown as ClusterDriver;

test('a cluster that replaces another one has none of its state', async () => {
  await writeJson(paths().clusterRecord, record('old'));
  writeFileSync(platform(), '{}');
  await startCluster(driver('new'), ports);
  expect(existsSync(platform())).toBe(false);
  expect(await readReplaced()).toBeUndefined();
});

test('the same cluster keeps it', async () => {
  await writeJson(paths().clusterRecord, record('same'));
  writeFileSync(platform(), '{}');
  await startCluster(driver('same'), ports);
  expect(existsSync(platform())).toBe(true);
});

test('a forget that was killed is finished by the next start', async () => {
  await noteReplaced({ record: record('old'), reset: false });
  await writeJson(paths().clusterRecord, record('new'));
  writeFileSync(platform(), '{}');
  await startCluster(driver('new'), ports);
  expect(existsSync(platform())).toBe(false);
});

test('after a reset that was killed, its state is not used for the next cluster', async () => {
  await noteReplaced({ record: record('old'), reset: true });
  writeFileSync(platform(), '{}');
  await startCluster(driver('new'), ports);
  expect(existsSync(platform())).toBe(false);
});

test('nor for the next cluster of another driver', async () => {
  await noteReplaced({ record: record('old'), reset: true });
  writeFileSync(platform(), '{}');
  const embedded = { ...record('other'), driver: 'embedded' } as const;
  const other = { name: 'embedded', start: async () => embedded } as unknown as ClusterDriver;
  await startCluster(other, ports);
  expect(existsSync(platform())).toBe(false);
  expect(await readReplaced()).toBeUndefined();
});

test('records about one driver survive the start of another', async () => {
  const noted = { record: record('old'), reset: false };
  await noteReplaced(noted);
  const embedded = { ...record('other'), driver: 'embedded' } as const;
  const other = { name: 'embedded', start: async () => embedded } as unknown as ClusterDriver;
  await startCluster(other, ports);
  expect(await readReplaced()).toEqual(noted);
});

test('when two start at once, the second does not forget what the first has brought up since', async () => {
  await writeJson(paths().clusterRecord, record('old'));
  const first = startCluster(driver('new'), ports).then(() => writeFileSync(platform(), '{}'));
  await Promise.all([first, startCluster(driver('new'), ports)]);
  expect(existsSync(platform())).toBe(true);
});
