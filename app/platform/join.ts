import { type CatalogueName, catalogueEntry } from '../../cluster/images/catalogue.ts';
import { pulledOnlyError, registryReachable } from '../../cluster/images/provide.ts';
import {
  factsOf,
  type OnDemandPart,
  onDemandParts,
  type PartFacts,
  partFacts,
} from '../../core/part-facts.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { addPlatformParts, type PlatformParts } from '../../core/state/platform-parts.ts';
import { chosenDriver, startCluster } from '../clusters/clusters.ts';
import type { Ports } from '../ports.ts';

/**
 * Adds parts to the platform. Where the running cluster lacks an image or a place for data of one, as those of telemetry
 * are only provided for a part that has joined, its start is repeated, which provides them. Returns the cluster's record.
 * Throws COPPICE_IMAGE for a part whose image is only ever pulled and cannot be: joined, it would never be ready.
 */
export async function joinParts(
  needs: readonly OnDemandPart[],
  cluster: ClusterRecord,
  ports: Ports,
  reachable = registryReachable,
): Promise<{ readonly parts: PlatformParts; readonly cluster: ClusterRecord }> {
  for (const part of needs) await requirePullable(part, cluster, reachable);
  const parts = await addPlatformParts(needs);
  const lacking = onDemandParts.some(
    (part) => parts[part] && lacks(cluster, part) && (needs.includes(part) || !factsOf(part).pulledOnly),
  );
  if (!lacking) return { parts, cluster };
  const { driver } = await chosenDriver(ports, cluster.driver);
  return { parts, cluster: await startCluster(driver, ports) };
}

async function requirePullable(
  part: OnDemandPart,
  { images }: ClusterRecord,
  reachable: (reference: string) => Promise<boolean>,
): Promise<void> {
  const image: CatalogueName = partFacts[part].image;
  const { upstream } = catalogueEntry(image);
  if (!factsOf(part).pulledOnly || images[image] !== undefined || (await reachable(upstream))) return;
  throw pulledOnlyError(upstream);
}

function lacks(cluster: ClusterRecord, part: OnDemandPart): boolean {
  const { image, volume }: PartFacts = factsOf(part);
  return cluster.images[image] === undefined || (volume !== undefined && !(volume.key in cluster));
}
