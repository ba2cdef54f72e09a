import type { Readiness } from '../../resources/ready/check.ts';
import { callCluster } from '../clusters/connection.ts';
import { checkReadiness, readyPlanOf } from '../clusters/readiness.ts';
import { requireClusterRecord } from '../clusters/require-record.ts';
import { platformStackName } from './ensure.ts';

export interface PlatformStatus extends Readiness {
  /** The gateway's, on this machine. */
  readonly port: number;
}

/**
 * The current state of the platform; undefined when it was not brought up. Throws COPPICE_NO_CLUSTER,
 * COPPICE_CLUSTER_DOWN.
 */
export async function platformStatus(): Promise<PlatformStatus | undefined> {
  const cluster = await requireClusterRecord();
  const plan = await readyPlanOf(platformStackName);
  if (!plan) return undefined;
  return { ...(await callCluster(cluster, () => checkReadiness(plan))), port: cluster.http.port };
}
