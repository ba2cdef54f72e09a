import type { PlanContext } from '../config/plan/plan.ts';
import { defined } from '../core/defined.ts';
import type { Platforms } from '../core/node-platform.ts';
import type { ClusterRecord } from '../core/state/cluster-record.ts';

/** This machine compared with the nodes of the cluster. */
export function platformsOf({ node }: Pick<ClusterRecord, 'node'>): Platforms {
  const { platform, arch } = process;
  return { host: { platform, arch }, ...defined({ node }) };
}

/** What a plan needs to know of its cluster. */
export function placeOf(
  record: ClusterRecord,
): Pick<PlanContext, 'httpPort' | 'runtimes' | 'mountPath' | 'roots' | 'platforms'> {
  const { http, images, mountPath, roots } = record;
  return {
    httpPort: http.port,
    runtimes: images,
    platforms: platformsOf(record),
    ...defined({ mountPath, roots }),
  };
}
