import type { ClusterDriver } from '../cluster/driver.ts';
import { clusterUid } from '../cluster/kube/client.ts';
import { selectDriver } from '../cluster/select.ts';
import { CoppiceError, ExitCode } from '../config/errors.ts';
import { loadSettings, type Settings } from '../config/settings.ts';
import { type ClusterRecord, readClusterRecord } from '../state/cluster-record.ts';
import { paths } from '../state/paths.ts';
import { lightKube } from './light-kube.ts';
import type { Ports } from './ports.ts';

export interface ChosenDriver {
  readonly driver: ClusterDriver;
  /** Why this one, in plain words. */
  readonly reason: string;
  readonly settings: Settings;
}

export async function chosenDriver(ports: Ports): Promise<ChosenDriver> {
  const settings = await loadSettings(paths().settings);
  return { ...(await selectDriver({ settings, progress: ports.screen })), settings };
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
  if (record && (await answers(record))) return record;
  const { driver } = await chosenDriver(ports);
  try {
    return await driver.start();
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

async function answers({ kubeconfig, context, uid }: ClusterRecord): Promise<boolean> {
  try {
    return (await clusterUid(await lightKube({ kubeconfig, context }))) === uid;
  } catch {
    return false;
  }
}
