import type { ClusterRecord } from '../core/state/cluster-record.ts';

/** What the programs need to know of the cluster. */
export type ClusterArgs = Pick<ClusterRecord, 'kubeconfig' | 'context' | 'uid' | 'http' | 'ingress'>;
