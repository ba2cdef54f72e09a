import type { Asker, Store } from '../../servers/telemetry/reach.ts';
import { askThroughApi } from '../../servers/telemetry/reach.ts';

/** Asks a store of this user's cluster. Throws COPPICE_NO_CLUSTER, COPPICE_KUBECONFIG, COPPICE_CLUSTER_DOWN. */
export async function askStore(store: Store): Promise<Asker> {
  // Loads the schema of the settings, which who has a record already does not need.
  const { requireClusterRecord } = await import('../clusters/clusters.ts');
  const { kubeconfig, context } = await requireClusterRecord();
  return askThroughApi({ kubeconfig, context }, store);
}
