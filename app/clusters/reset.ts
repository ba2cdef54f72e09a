import { rm } from 'node:fs/promises';
import type { ClusterDriver } from '../../cluster/driver.ts';
import { paths } from '../../core/paths.ts';
import { type ClusterRecord, readClusterRecord } from '../../core/state/cluster-record.ts';
import type { Ports } from '../ports.ts';
import { chosenDriver } from './clusters.ts';
import { forgetEverything, requireForgettable } from './forget.ts';
import { clearReplaced, noteReplaced } from './replaced.ts';
import { completeSwitch, forgetAside } from './set-aside.ts';

/** The cluster that a reset is about. */
export interface ResetTarget {
  readonly driver: ClusterDriver;
  /** The cluster in use, if it is this driver's. */
  readonly known: ClusterRecord | undefined;
  /** A cluster of another driver is in use. */
  readonly otherInUse: boolean;
  /** Data folder of the embedded cluster; absolute path. */
  readonly dataFolder: string | undefined;
}

/** `named`: value of `--driver`. Throws COPPICE_USAGE for an unknown driver. */
export async function resetTarget(named: string | undefined, ports: Ports): Promise<ResetTarget> {
  const { driver, settings } = await chosenDriver(ports, named);
  await completeSwitch();
  const recorded = await readClusterRecord();
  const known = recorded?.driver === driver.name ? recorded : undefined;
  return {
    driver,
    known,
    otherInUse: recorded !== undefined && known === undefined,
    dataFolder: driver.name === 'embedded' ? settings.embedded.dataFolder : undefined,
  };
}

/**
 * Stops the cluster and deletes its data, and forgets what was in it. Throws COPPICE_DAMAGED, COPPICE_PROTECTED, and what
 * the driver throws.
 */
export async function resetCluster(
  { driver, known, otherInUse }: ResetTarget,
  { phases }: Ports,
): Promise<void> {
  const { name } = driver;
  // Before anything is deleted.
  if (!otherInUse) await requireForgettable();
  if (known !== undefined && name !== 'existing') await noteReplaced({ record: known, reset: true });
  await phases.measure('cluster', () => driver.reset());
  // Its stacks went with the cluster; the engine would only fail to delete them.
  if (name === 'existing') return;
  if (!otherInUse) await forgetEverything();
  await forgetAside(name);
  if (known !== undefined) await clearReplaced();
}

/**
 * For a cluster that cannot be reached any more, such as one in a Docker engine that was removed. Deletes nothing in
 * it.
 */
export async function forgetCluster(known: ClusterRecord): Promise<void> {
  await requireForgettable();
  await noteReplaced({ record: known, reset: true });
  await rm(paths().clusterRecord, { force: true });
  if (known.driver !== 'existing') await rm(known.kubeconfig, { force: true });
  await forgetEverything();
  await clearReplaced();
}
