import { unlessGone } from '../../cluster/kube/client.ts';
import { lightKube } from '../../cluster/kube/light-kube.ts';
import type { Period } from '../../servers/telemetry/traces.ts';
import { callCluster } from '../clusters/connection.ts';
import { requireClusterRecord } from '../clusters/require-record.ts';
import { usualPeriod } from './period.ts';

/**
 * The period of a question about environments that names no time: see {@link usualPeriod}. Compared are those of the same
 * time, so the youngest decides. Throws COPPICE_NO_CLUSTER, COPPICE_CLUSTER_DOWN.
 */
export async function usualPeriodOf(namespaces: readonly string[], now: number): Promise<Period> {
  if (namespaces.length === 0) return usualPeriod(undefined, now);
  const record = await requireClusterRecord();
  const found = await callCluster(record, async () => {
    const kube = await lightKube(record);
    return Promise.all(namespaces.map((name) => unlessGone(kube.core.readNamespace({ name }))));
  });
  const created = found.flatMap((owner) => owner?.metadata?.creationTimestamp ?? []);
  const times = created.map((time) => new Date(time).getTime());
  return usualPeriod(times.length === 0 ? undefined : Math.max(...times), now);
}
