import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { leftoverPlace } from '../../../../app/databases/server-place.ts';
import { releaseLeftover } from '../../../../app/environments/claim.ts';
import { leftoverInputs } from '../../../../app/workflows/release.ts';
import type { Kube } from '../../../../cluster/kube/client.ts';
import { Label, managedBy } from '../../../../core/labels.ts';
import { paths } from '../../../../core/paths.ts';
import { addPlatformParts } from '../../../../core/state/platform-parts.ts';
import { record as cluster } from '../../../golden/plans.ts';
import { testPorts } from '../ports.ts';

const record = { ...cluster, postgres: { port: 15432 } };
const settings = `databases: { managed: { url: { env: NO_SUCH_URL } } }
temporal: { managed: { address: "temporal.example.com:7233", namespace: "ann-{app}-{slug}" } }
`;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-leftover-'));
  vi.stubEnv('XDG_CONFIG_HOME', folder);
  vi.stubEnv('XDG_DATA_HOME', folder);
  mkdirSync(dirname(paths().settings), { recursive: true });
  writeFileSync(paths().settings, settings);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const write = (database: string, section = 'database') =>
  writeFileSync(join(folder, 'coppice.yaml'), `version: 1\nname: shop\n${section}: ${database}\n`);
const name = () => ({ app: 'shop', slug: 'main', namespace: 'wt-shop--main', specFolder: folder });

test('what a killed up left is searched for on the server that its spec names', async () => {
  write('{ server: managed }');
  expect(await leftoverPlace(name(), record)).toEqual({ kind: 'managed', url: { env: 'NO_SUCH_URL' } });
  write('{}');
  expect(await leftoverPlace(name(), record)).toEqual({ kind: 'platform', port: 15432 });
  write('{ engine: sqlite, file: dev.db }');
  expect(await leftoverPlace(name(), record)).toEqual({ kind: 'platform', port: 15432 });
  expect(await leftoverPlace({ ...name(), specFolder: '/gone' }, record)).toMatchObject({ kind: 'platform' });
});

test('a namespace stays, and is found again, while its database server does not answer', async () => {
  write('{ server: managed }');
  const labels = { [Label.managedBy]: managedBy, [Label.environmentId]: '0a1b2c3d' };
  // A cluster in which every deletion fails.
  const kube = { core: { readNamespace: async () => ({ metadata: { labels } }) } } as unknown as Kube;
  await expect(releaseLeftover(kube, record, name(), testPorts())).rejects.toMatchObject({
    code: 'COPPICE_MANAGED_DATABASE',
    message: expect.stringContaining('NO_SUCH_URL'),
  });
});

describe('a Temporal namespace that no stack records', () => {
  const owner = {
    app: 'shop',
    environment: 'main',
    repository: '/src/.git',
    branch: 'main',
    worktree: '/src',
  };
  const at = async (specFolder: string | undefined = folder) => {
    const inputs = await leftoverInputs(specFolder, owner, record);
    return inputs && { server: inputs.server.kind, name: inputs.temporal.namespace };
  };
  const platform = { server: 'platform', name: 'wt-shop--main' };

  test('is searched for where the spec says', async () => {
    write('{ server: managed }', 'temporal');
    expect(await at()).toEqual({ server: 'managed', name: 'ann-shop-main' });
  });

  test('is searched for on the platform when the spec is missing or names none, once the platform has Temporal', async () => {
    write('{}');
    expect(await at()).toBeUndefined();
    await addPlatformParts(['temporal']);
    expect([await at(), await at('/gone'), await at(undefined)]).toEqual([platform, platform, platform]);
  });
});
