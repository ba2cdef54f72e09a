import type { OnDemandPart } from '../../core/part-facts.ts';
import { onDemandParts, partFacts } from '../../core/part-facts.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { addPlatformParts, type PlatformParts } from '../../core/state/platform-parts.ts';
import { chosenDriver, startCluster } from '../clusters/clusters.ts';
import type { Ports } from '../ports.ts';

/**
 * Adds parts to the platform. Where the running cluster lacks an image or a place for data of one, as those of telemetry
 * are only provided for a part that has joined, its start is repeated, which provides them. Returns the cluster's record.
 */
export async function joinParts(
  needs: readonly OnDemandPart[],
  cluster: ClusterRecord,
  ports: Ports,
): Promise<{ readonly parts: PlatformParts; readonly cluster: ClusterRecord }> {
  const parts = await addPlatformParts(needs);
  const lacking = onDemandParts.some((part) => parts[part] && lacks(cluster, part));
  if (!lacking) return { parts, cluster };
  const { driver } = await chosenDriver(ports, cluster.driver);
  return { parts, cluster: await startCluster(driver, ports) };
}

function lacks(cluster: ClusterRecord, part: OnDemandPart): boolean {
  const { image, volume } = partFacts[part];
  return cluster.images[image] === undefined || cluster[volume.key] === undefined;
}
