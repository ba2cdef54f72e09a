import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { ClusterDriver, DriverContext } from '../../cluster/driver.ts';
import { k3dDriver } from '../../cluster/drivers/k3d/index.ts';
import { settingsSchema } from '../../config/settings/settings.ts';
import { paths } from '../../core/paths.ts';
import { type Progress, silent } from '../../core/progress.ts';
import { program } from '../../toolchain/toolchain.ts';
import { makeTestArchive, testImage } from '../driver/test-image.ts';
import { eventually, testFolder } from '../e2e/harness.ts';
import { loadStandIns, nodeStandIn } from './stand-in/images.ts';

const run = promisify(execFile);

/** The nodes see what is below it. */
export const root = () => join(testFolder(), 'root');

/** Prepares the images and folders that every test here needs; the engine is that of scripts/own-engine.mjs. */
export async function prepare(): Promise<void> {
  mkdirSync(root(), { recursive: true });
  await prepareStandIns();
  // Removes what an earlier run in the same engine left.
  await testDriver().reset();
}

/** A running engine uses the real images; the tests' own engine uses stand-ins. */
export const standIns = process.env.COPPICE_TEST_ENGINE !== 'running';

/**
 * Prepares what `wt` itself needs for a cluster of the tests: its settings, and in the tests' own engine the stand-ins.
 * In a running engine it uses a name and ports that do not collide with other clusters.
 */
export async function prepareWt(): Promise<void> {
  const roots = [join(testFolder(), 'repositories')];
  for (const folder of roots) mkdirSync(folder, { recursive: true });
  if (standIns) await prepareStandIns();
  const settings = standIns
    ? { driver: 'k3d', k3d: { image: nodeStandIn, loadBalancer: false, roots } }
    : {
        driver: 'k3d',
        k3d: { name: 'coppice-test', registryPort: 5112, roots },
        ports: { http: 8088, postgres: 25432, temporal: 27233 },
      };
  mkdirSync(dirname(paths().settings), { recursive: true });
  writeFileSync(paths().settings, stringify(settings));
}

async function prepareStandIns(): Promise<void> {
  // k3d looks the host's address up in a container of its tools' image; any image with a shell does.
  process.env.K3D_IMAGE_TOOLS = nodeStandIn;
  await loadStandIns(testFolder());
}

/** Ends the tests' own Docker engine as a restart of the machine's would, and starts it again. */
export async function restartEngine(): Promise<void> {
  const folder = join(testFolder(), 'dockerd');
  const file = join(folder, 'pid');
  process.kill(Number(readFileSync(file, 'utf8')), 'SIGTERM');
  await eventually('dockerd ends', async () => (existsSync(file) ? undefined : true));
  spawn(join(folder, 'begin'), { detached: true, stdio: 'ignore' }).unref();
  await eventually('dockerd answers', () => docker('version'));
}

export interface DriverOptions {
  readonly k3d?: object;
  readonly ports?: object;
  readonly progress?: Progress;
  readonly interrupts?: DriverContext['interrupts'];
}

/** The real driver, with the stand-in for k3s as its image and one small image instead of the catalogue's. */
export function testDriver({
  k3d = {},
  ports = {},
  progress = silent,
  interrupts,
}: DriverOptions = {}): ClusterDriver {
  const settings = settingsSchema.parse({
    // No image of the load balancer is available here.
    k3d: { image: nodeStandIn, loadBalancer: false, roots: [root()], ...k3d },
    ports,
  });
  return k3dDriver(
    { settings, progress, ...(interrupts === undefined ? {} : { interrupts }) },
    {
      k3d: async () => k3dProgram(),
      provideImages: async ({ importArchives, present }) => {
        if (!(await present()).includes(testImage)) await importArchives([await testArchive()]);
        return { node: testImage };
      },
    },
  );
}

export async function testArchive(): Promise<string> {
  const archive = join(testFolder(), 'test-image.tar');
  return existsSync(archive) ? archive : makeTestArchive(testFolder());
}

export function k3dProgram(): string {
  const path = program('k3d');
  if (path === undefined) throw new Error('k3d is not installed: run `wt toolchain install k3d`');
  return path;
}

export async function docker(...args: string[]): Promise<string> {
  return (await run('docker', args)).stdout.trim();
}

export async function k3d(...args: string[]): Promise<string> {
  return (await run(k3dProgram(), args)).stdout.trim();
}

/** The toolchain's `kubectl`, on the cluster under test. */
export async function kubectl(...args: string[]): Promise<string> {
  const { path } = testDriver().kubeconfig();
  return (await run(program('kubectl') ?? 'kubectl', ['--kubeconfig', path, ...args])).stdout.trim();
}

/** Names of all containers, volumes and networks that belong to a cluster of our name. */
export async function remains(): Promise<string[]> {
  const [containers, volumes, networks] = await Promise.all([
    docker('ps', '--all', '--filter', 'label=k3d.cluster=coppice', '--format', '{{.Names}}'),
    docker('volume', 'ls', '--format', '{{.Name}}'),
    docker('network', 'ls', '--format', '{{.Name}}'),
  ]);
  const named = [...volumes.split('\n'), ...networks.split('\n')].filter((name) => name.includes('coppice'));
  return [...containers.split('\n'), ...named].filter(Boolean).sort();
}
