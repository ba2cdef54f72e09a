import { readJson, writeJson } from './files.ts';
import { paths } from './paths.ts';

/**
 * The cluster that this user's environments live in, written by `wt cluster start`.
 * Programs started by hand (`pulumi up`) read it too: it is all they know about the cluster.
 */
export interface ClusterRecord {
  readonly driver: 'embedded' | 'k3d' | 'existing';
  /** Path and context, never contents: the state must hold no credentials. */
  readonly kubeconfig: string;
  readonly context: string;
  /** uid of the namespace kube-system: the identity of the cluster itself. */
  readonly uid: string;
  /** Where routes answer on this machine. */
  readonly http: { readonly port: number };
  /** How Traefik gets its port; see design: host network on loopback, or published by the node. */
  readonly ingress: 'host-loopback' | 'node-port' | 'load-balancer';
  /** Prefix under which the nodes see this machine's folders; absent when they do not. */
  readonly mountPath?: string;
  /** Image reference of each catalogue name, for example `{ node: 'docker.io/library/node:20.20.2-bookworm-slim' }`. */
  readonly images: Readonly<Record<string, string>>;
}

export function readClusterRecord(): Promise<ClusterRecord | undefined> {
  return readJson<ClusterRecord>(paths().clusterRecord);
}

export function writeClusterRecord(record: ClusterRecord): Promise<void> {
  return writeJson(paths().clusterRecord, record);
}
