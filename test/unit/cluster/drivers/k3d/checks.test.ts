import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { clusterChecks } from '../../../../../cluster/drivers/k3d/checks.ts';
import { userPaths } from '../../../../../cluster/drivers/user-paths.ts';
import { settingsSchema } from '../../../../../config/settings/settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-doctor-'));
  vi.stubEnv('PATH', folder);
  vi.stubEnv('XDG_DATA_HOME', join(folder, 'data'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Replaces the command `docker` with one whose engine reports this and knows no container. */
function dockerSays(info: object): void {
  const file = join(folder, 'docker');
  writeFileSync(file, `#!/bin/sh\n[ "$1" != info ] || echo '${JSON.stringify(info)}'\n`);
  chmodSync(file, 0o755);
}
const checks = () => clusterChecks({ settings: settingsSchema.parse({}) });

test('an unreadable answer from Docker is reported as such, and not as a missing cluster', async () => {
  dockerSays({ ID: 'FFCL', DriverStatus: {} });
  expect(await checks()).toEqual([
    {
      name: 'Docker',
      ok: false,
      detail: 'what `docker info` prints cannot be read',
      fix: 'run `docker info`',
    },
  ]);
});

test('an engine other than that of the recorded cluster is reported before anything else', async () => {
  dockerSays({ ID: 'FFCL', OSType: 'linux', OperatingSystem: 'Debian' });
  const { clusterRecord } = userPaths();
  mkdirSync(dirname(clusterRecord), { recursive: true });
  writeFileSync(clusterRecord, JSON.stringify({ driver: 'k3d', context: 'k3d-coppice', engine: 'QX5A' }));
  expect(await checks()).toMatchObject([
    { name: 'Docker', ok: false, detail: expect.stringContaining('a different Docker engine') },
  ]);
});
