import type { ClusterRecord } from '../core/state/cluster-record.ts';
import type { ClusterArgs } from '../resources/cluster-args.ts';

/** What the programs need of the record, and no more: a new image in the catalogue must not change an environment. */
export function clusterArgs({ kubeconfig, context, uid, http, ingress }: ClusterRecord): ClusterArgs {
  return { kubeconfig, context, uid, http: { port: http.port }, ingress };
}
