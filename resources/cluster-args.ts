import type { Ingress } from '../core/ingress.ts';

/** What the programs need to know of the cluster: part of the ClusterRecord in core/state/. */
export interface ClusterArgs {
  readonly kubeconfig: string;
  readonly context: string;
  /** uid of the namespace kube-system: the identity of the cluster itself. */
  readonly uid: string;
  readonly http: { readonly port: number };
  readonly ingress: Ingress;
}
