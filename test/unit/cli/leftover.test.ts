import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { leftoverPlace } from '../../../cli/db/place.ts';
import { releaseLeftover } from '../../../cli/environment/claim.ts';
import type { Kube } from '../../../cluster/kube/client.ts';
import { Label, managedBy } from '../../../config/labels.ts';
import { paths } from '../../../state/paths.ts';
import { record as cluster } from '../../golden/plans.ts';
import { testPorts } from './ports.ts';

const record = { ...cluster, postgres: { port: 15432 } };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-leftover-'));
  vi.stubEnv('XDG_CONFIG_HOME', folder);
  mkdirSync(dirname(paths().settings), { recursive: true });
  writeFileSync(paths().settings, 'databases: { managed: { url: { env: NO_SUCH_URL } } }\n');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const write = (database: string) =>
  writeFileSync(join(folder, 'coppice.yaml'), `version: 1\nname: shop\ndatabase: ${database}\n`);
const name = () => ({ app: 'shop', slug: 'main', namespace: 'wt-shop--main', specFolder: folder });

test('what a killed up left is looked for on the server that its spec names', async () => {
  write('{ server: managed }');
  expect(await leftoverPlace(name(), record)).toEqual({ kind: 'managed', url: { env: 'NO_SUCH_URL' } });
  write('{}');
  expect(await leftoverPlace(name(), record)).toEqual({ kind: 'platform', port: 15432 });
  write('{ engine: sqlite, file: dev.db }');
  expect(await leftoverPlace(name(), record)).toEqual({ kind: 'platform', port: 15432 });
  expect(await leftoverPlace({ ...name(), specFolder: '/gone' }, record)).toMatchObject({ kind: 'platform' });
});

test('a namespace stays, and is found again, while the server of its database cannot be asked', async () => {
  write('{ server: managed }');
  const labels = { [Label.managedBy]: managedBy, [Label.environmentId]: '0a1b2c3d' };
  // A cluster in which nothing can be deleted.
  const kube = { core: { readNamespace: async () => ({ metadata: { labels } }) } } as unknown as Kube;
  await expect(releaseLeftover(kube, record, name(), testPorts())).rejects.toMatchObject({
    code: 'COPPICE_MANAGED_DATABASE',
    message: expect.stringContaining('NO_SUCH_URL'),
  });
});
