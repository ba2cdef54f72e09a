import type { ClusterDriver } from '../cluster/driver.ts';
import { clusterUid } from '../cluster/kube/client.ts';
import { type DriverName, driverNames, selectDriver } from '../cluster/select.ts';
import { CoppiceError, ExitCode } from '../config/errors.ts';
import { loadSettings, type Settings } from '../config/settings.ts';
import { type ClusterRecord, readClusterRecord } from '../state/cluster-record.ts';
import { paths } from '../state/paths.ts';
import { forgetEverything } from './environment/forget.ts';
import { completeSwitch, switchState } from './environment/set-aside.ts';
import { lightKube } from './light-kube.ts';
import type { Ports } from './ports.ts';

export interface ChosenDriver {
  readonly driver: ClusterDriver;
  /** Why this one, in plain words. */
  readonly reason: string;
  readonly settings: Settings;
}

/** `flag`: what `--driver` says. Throws COPPICE_USAGE for a driver that there is not. */
export async function chosenDriver(ports: Ports, flag?: string): Promise<ChosenDriver> {
  const settings = await loadSettings(paths().settings);
  return { ...(await selectDriver({ settings, progress: ports.screen }, driverNamed(flag))), settings };
}

function driverNamed(name: string | undefined): DriverName | undefined {
  if (name === undefined) return undefined;
  const found = driverNames.find((driver) => driver === name);
  if (found !== undefined) return found;
  throw new CoppiceError('COPPICE_USAGE', `${name} is no driver`, {
    hint: `one of ${driverNames.join(', ')}`,
    exitCode: ExitCode.usage,
  });
}

/**
 * Starts the cluster, and forgets what was in one that it took the place of. What is known about one of another driver
 * is put away until that is started again.
 */
export async function startCluster(driver: ClusterDriver): Promise<ClusterRecord> {
  await completeSwitch();
  const other = await besides(driver.name);
  if (other !== undefined) await switchState(other, driver.name);
  const before = await readClusterRecord();
  try {
    const record = await driver.start();
    if (before !== undefined && isReplaced(before, record)) await forgetEverything();
    return record;
  } catch (error) {
    if (other !== undefined) await switchState(driver.name, other);
    throw error;
  }
}

/** The driver of the cluster that this user has already, if a start gives them a second one. */
async function besides(started: DriverName): Promise<DriverName | undefined> {
  const driver = (await readClusterRecord())?.driver;
  return driver === started || driver === 'existing' || started === 'existing' ? undefined : driver;
}

/**
 * Whether the recorded cluster is gone: k3d has one cluster of a name, and the driver makes it anew only once k3d says
 * that there is none. Other drivers cannot tell that a cluster is gone, only that another answers.
 */
export function isReplaced(before: ClusterRecord, now: ClusterRecord): boolean {
  const ofK3d = before.driver === 'k3d' && now.driver === 'k3d';
  const sameName = before.context === now.context && before.engine === now.engine;
  return ofK3d && sameName && before.uid !== now.uid;
}

/** The cluster of this user; throws COPPICE_NO_CLUSTER (exit code 3) when none was ever started. */
export async function requireCluster(): Promise<ClusterRecord> {
  const record = await readClusterRecord();
  if (record) return record;
  throw new CoppiceError('COPPICE_NO_CLUSTER', 'there is no cluster yet', {
    hint: 'wt up starts one; wt doctor says what it needs',
    exitCode: ExitCode.unreachable,
  });
}

/** The cluster of this user, running: started when it is not. Throws what the driver throws, with exit code 3. */
export async function ensureCluster(ports: Ports): Promise<ClusterRecord> {
  const record = await readClusterRecord();
  if (record && (await isAnswering(record))) return record;
  const { driver } = await chosenDriver(ports);
  try {
    return await startCluster(driver);
  } catch (error) {
    if (!(error instanceof CoppiceError) || error.code !== 'COPPICE_NOT_ROOT') throw error;
    const { message, hint } = error;
    throw new CoppiceError('COPPICE_CLUSTER_DOWN', `the cluster does not run, and ${message}`, {
      ...(hint === undefined ? {} : { hint }),
      cause: error,
      exitCode: ExitCode.unreachable,
    });
  }
}

/** Whether the recorded cluster, and not another one, answers now. */
export async function isAnswering({ kubeconfig, context, uid }: ClusterRecord): Promise<boolean> {
  try {
    return (await clusterUid(await lightKube({ kubeconfig, context }))) === uid;
  } catch {
    return false;
  }
}
