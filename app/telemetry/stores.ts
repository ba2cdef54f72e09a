import type { Asker, Store } from '../../servers/telemetry/reach.ts';
import { askThroughApi } from '../../servers/telemetry/reach.ts';
import { requireClusterRecord } from '../clusters/require-record.ts';

/** Asks a store of this user's cluster. Throws COPPICE_NO_CLUSTER, COPPICE_KUBECONFIG, COPPICE_CLUSTER_DOWN. */
export async function askStore(store: Store): Promise<Asker> {
  const { kubeconfig, context } = await requireClusterRecord();
  return askThroughApi({ kubeconfig, context }, store);
}
