import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { reflinks } from '../../cluster/drivers/embedded/volume.ts';
import { clusterChecks } from '../../cluster/drivers/k3d/checks.ts';
import { unseenRoots } from '../../cluster/drivers/k3d/mountable.ts';
import { settingsSchema } from '../../config/settings/settings.ts';
import { packageRoot } from '../../core/package-root.ts';
import { paths } from '../../core/paths.ts';
import { k3dVolumeChecks } from '../../platform/postgres/k3d-volume-checks.ts';
import { ensurePrograms } from '../../toolchain/toolchain.ts';
import { testFolder } from '../e2e/harness.ts';
import { docker, prepare, remains, root, testDriver } from './harness.ts';
import { nodeStandIn } from './stand-in/images.ts';

const run = promisify(execFile);
const server = 'k3d-coppice-server-0';
const mount = () => join(testFolder(), 'mnt', 'coppice');
const folder = () => join(mount(), 'data');
const settings = () =>
  settingsSchema.parse({ k3d: { image: nodeStandIn, loadBalancer: false, roots: [root()] } });
const inVolume = (command: string) =>
  docker('exec', server, 'sh', '-c', `cd /var/lib/coppice/volumes; ${command}`);

/** The script in docs/cluster.md. */
function provisionScript(): string {
  const text = readFileSync(join(packageRoot(), 'docs', 'cluster.md'), 'utf8');
  const [, block = ''] = /^```yaml\n(provision:.*?)^```$/ms.exec(text) ?? [];
  const { provision } = parse(block) as { provision: { script: string }[] };
  return (provision[0]?.script ?? 'exit 1').replaceAll('/mnt/', `${testFolder()}/mnt/`);
}

beforeAll(async () => {
  await prepare();
  // What colima should run in its virtual machine, with its disk and mount point in the tests' folder.
  mkdirSync(join(testFolder(), 'mnt', 'lima-colima'), { recursive: true });
  const { 'mkfs.xfs': mkfs } = await ensurePrograms(['mkfs.xfs']);
  const env = { ...process.env, PATH: `${dirname(mkfs.path)}:${process.env.PATH}` };
  // Twice: it runs at every start.
  for (const _ of ['first', 'second']) await run('sh', ['-c', provisionScript()], { env });
  // As in docs/cluster.md.
  const options = ['type=none', 'o=bind', `device=${folder()}`].flatMap((option) => ['--opt', option]);
  await docker('volume', 'create', '--driver', 'local', ...options, 'coppice-databases');
});
afterAll(async () => {
  await testDriver().reset();
  await docker('volume', 'rm', '--force', 'coppice-databases');
  await run('umount', [mount()]);
  rmSync(join(testFolder(), 'mnt'), { recursive: true });
});

test('the cluster uses a volume bound by hand to a folder on XFS, where files share their blocks', async () => {
  await testDriver().start();
  await inVolume('mkdir databases && echo kept > databases/file');
  expect(existsSync(join(folder(), 'databases', 'file'))).toBe(true);
  expect(await reflinks(folder())).toBe(true);
  // As large as its contents, and not as it may become.
  const { blocks } = statSync(join(testFolder(), 'mnt', 'lima-colima', 'coppice.xfs'));
  expect(blocks * 512).toBeLessThan(1024 ** 3);
  expect(await inVolume('stat -f -c %T .')).toBe('xfs');
  expect(await k3dVolumeChecks({ context: 'k3d-coppice' }, true)).toEqual([
    expect.objectContaining({ name: 'volume', detail: expect.stringContaining(folder()) }),
    expect.objectContaining({ name: 'copies', detail: 'databases share the blocks of their template' }),
  ]);
});

test('doctor finds nothing wrong with Docker and the running cluster', async () => {
  const checks = await clusterChecks({ settings: settings() });
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  const found = Object.fromEntries(checks.map(({ name, detail }) => [name, detail]));
  expect(found.Docker).toMatch(/^\S+ on Debian.*, context default \(unix:\/\//);
  expect(found["Docker's machine"]).toMatch(/^\d+ CPUs, [\d.]+ GiB/);
  expect(found.disk).toMatch(/^\d+ GiB free where Docker keeps its data/);
  expect(found.roots).toBe(`${root()}, ${join(paths().data, 'dumps')}: seen by the nodes`);
  expect(found.ports).toContain('published by the cluster');
  expect(found.registry).toBe('answers on 127.0.0.1:5111');
});

test('a folder that the nodes do not see, or see empty, is detected', async () => {
  const elsewhere = join(testFolder(), 'elsewhere');
  mkdirSync(join(elsewhere, 'worktree'), { recursive: true });
  mkdirSync(join(root(), 'worktree'), { recursive: true });
  expect(await unseenRoots(server, [root(), elsewhere])).toEqual([elsewhere]);
  await docker('exec', server, 'mkdir', '-p', elsewhere);
  expect(await unseenRoots(server, [elsewhere])).toEqual([elsewhere]);
});

test('a reset empties the volume of what we put into it, and leaves it and the rest to its creator', async () => {
  await inVolume('echo theirs > notes');
  await testDriver().reset();
  expect(await remains()).toEqual(['coppice-databases']);
  expect(await docker('volume', 'inspect', '--format', '{{.Options.device}}', 'coppice-databases')).toBe(
    folder(),
  );
  expect(existsSync(join(folder(), 'databases'))).toBe(false);
  expect(existsSync(join(folder(), 'notes'))).toBe(true);
});

test('without a cluster doctor reports what one would get', async () => {
  const checks = await clusterChecks({ settings: settings() });
  expect(checks.find(({ name }) => name === 'ports')?.detail).toBe(
    '80, 15432, 17233, 5111 of 127.0.0.1: free',
  );
  expect(checks.map(({ name }) => name)).not.toContain('registry');
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
});
