import { readJson, writeJson } from '../files.ts';
import { paths } from '../paths.ts';

/** Where the platform's PostgreSQL keeps its data. */
export type DatabaseVolume =
  /** A folder of this machine, made by `wt cluster start`: on a file system of its own (`loop`), or on what is there. */
  | {
      readonly kind: 'host-path';
      readonly path: string;
      readonly fileSystem: 'loop' | 'folder';
      /** Files on it can share their blocks, so a clone costs next to nothing. */
      readonly reflink: boolean;
      /** Why it is a folder without reflinks. */
      readonly why?: string;
    }
  /** A folder on the node of a cluster that is not ours; its rights are set by the server's pod. */
  | { readonly kind: 'node-folder'; readonly path: string }
  | { readonly kind: 'claim'; readonly size: string; readonly storageClass?: string };

/** Where the platform's Temporal server keeps its data; the kinds are those of a {@link DatabaseVolume}. */
export type TemporalVolume =
  | { readonly kind: 'host-path'; readonly path: string }
  | { readonly kind: 'node-folder'; readonly path: string }
  | { readonly kind: 'claim'; readonly size: string; readonly storageClass?: string };

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
  /** How what runs in it is reached, see core/ingress.ts. */
  readonly ingress: 'host-loopback' | 'published' | 'node-port' | 'load-balancer';
  /** Prefix under which the nodes see this machine's folders; absent when they do not. */
  readonly mountPath?: string;
  /** Only what lies below these folders is seen under {@link mountPath}; everything where absent. */
  readonly roots?: readonly string[];
  /** What programs of the nodes are compiled for, in Kubernetes' words; absent in the record of an older coppice. */
  readonly node?: { readonly operatingSystem: string; readonly architecture: string };
  /** ID of the Docker engine that a cluster of k3d runs in: on another engine nothing is known about it. */
  readonly engine?: string;
  /** Absent in the record of an older coppice. */
  readonly databaseVolume?: DatabaseVolume;
  /** Absent in the record of an older coppice. */
  readonly temporalVolume?: TemporalVolume;
  /** Image reference of each catalogue name, for example `{ node: 'docker.io/library/node:20.20.2-bookworm-slim' }`. */
  readonly images: Readonly<Record<string, string>>;
}

export function readClusterRecord(): Promise<ClusterRecord | undefined> {
  return readJson<ClusterRecord>(paths().clusterRecord);
}

export function writeClusterRecord(record: ClusterRecord): Promise<void> {
  return writeJson(paths().clusterRecord, record);
}
