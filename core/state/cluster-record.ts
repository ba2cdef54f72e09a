import { readJson, writeJson } from '../files.ts';
import type { Ingress } from '../ingress.ts';
import type { NodePlatform } from '../node-platform.ts';
import { paths } from '../paths.ts';
import type { DatabaseVolume, Volume } from '../volume.ts';

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
  /** Where PostgreSQL answers on 127.0.0.1 once the platform has it; absent where it is not published. */
  readonly postgres?: { readonly port: number };
  /** Where Temporal's frontend answers on 127.0.0.1 once the platform has it; absent where it is not published. */
  readonly temporal?: { readonly port: number };
  readonly ingress: Ingress;
  /** Prefix under which the nodes see this machine's folders; absent when they do not. */
  readonly mountPath?: string;
  /** Only what lies below these folders is seen under {@link mountPath}; everything where absent. */
  readonly roots?: readonly string[];
  /** Absent in the record of an older coppice. */
  readonly node?: NodePlatform;
  /** ID of the Docker engine that a cluster of k3d runs in: on another engine nothing is known about it. */
  readonly engine?: string;
  /** Absent in the record of an older coppice. */
  readonly databaseVolume?: DatabaseVolume;
  /** Absent in the record of an older coppice. */
  readonly temporalVolume?: Volume;
  /** Image reference of each catalogue name, for example `{ node: 'docker.io/library/node:20.20.2-bookworm-slim' }`. */
  readonly images: Readonly<Record<string, string>>;
}

export function readClusterRecord(): Promise<ClusterRecord | undefined> {
  return readJson<ClusterRecord>(paths().clusterRecord);
}

export function writeClusterRecord(record: ClusterRecord): Promise<void> {
  return writeJson(paths().clusterRecord, record);
}
