import { writeJson } from '../files.ts';
import type { Ingress } from '../ingress.ts';
import type { NodePlatform } from '../node-platform.ts';
import type { PublishedPart, partFacts, StoredPart } from '../part-facts.ts';
import { paths } from '../paths.ts';
import type { DatabaseVolume, Volume } from '../volume.ts';
import { readState, readStateNow, type StateFile } from './state-file.ts';

/** Ports of the platform's parts on 127.0.0.1, of each that has joined; absent where it is not published. */
export type PartPorts = Readonly<Partial<Record<PublishedPart, { readonly port: number }>>>;

/** Where each part of the platform keeps its data. */
export type PartVolumes = {
  readonly [Part in StoredPart as Facts[Part]['volume']['key']]: Facts[Part]['volume'] extends {
    readonly clones: true;
  }
    ? DatabaseVolume
    : Volume;
};

type Facts = typeof partFacts;

/**
 * The cluster of this user's environments, written by `wt cluster start`. Programs started by hand (`pulumi up`) read
 * it too: it is all they know about the cluster. The volume of a part is absent in the record of a coppice without that
 * part.
 */
export interface ClusterRecord extends PartPorts, Partial<PartVolumes> {
  readonly driver: 'embedded' | 'k3d' | 'existing';
  /** Path and context, never contents: the state must hold no credentials. */
  readonly kubeconfig: string;
  readonly context: string;
  /** uid of the namespace kube-system: the identity of the cluster itself. */
  readonly uid: string;
  /** Where routes answer on this machine. */
  readonly http: { readonly port: number };
  readonly ingress: Ingress;
  /** Prefix under which the nodes see this machine's folders; absent when they do not. */
  readonly mountPath?: string;
  /** Only paths below these folders are visible under {@link mountPath}; all when absent. */
  readonly roots?: readonly string[];
  /** Absent in the record of an older coppice. */
  readonly node?: NodePlatform;
  /** ID of the Docker engine of a k3d cluster: nothing is known about it on another engine. */
  readonly engine?: string;
  /**
   * Networks from which the nodes and the API server reach pods: `10.213.0.1/32`. Absent in the record of an older coppice
   * and where they could not be read; then nobody is kept away from the platform's servers, as nobody knows whom to let in.
   */
  readonly nodeAddresses?: readonly string[];
  /** Folder of pods' logs on the nodes; `/var/log/pods` when absent. */
  readonly podLogs?: string;
  /** Image reference of each catalogue name, for example `{ node: 'docker.io/library/node:20.20.2-bookworm-slim' }`. */
  readonly images: Readonly<Record<string, string>>;
}

const clusterRecordFile: StateFile = {
  what: 'the record of the cluster',
  fields: { driver: 'string', kubeconfig: 'string?', context: 'string?', uid: 'string?', http: 'object?' },
  afterwards: '`wt cluster start` writes it again',
};

/** Undefined when there is no cluster yet; throws COPPICE_DAMAGED. */
export function readClusterRecord(file: string = paths().clusterRecord): Promise<ClusterRecord | undefined> {
  return readState<ClusterRecord>(file, clusterRecordFile);
}

/** {@link readClusterRecord} for code that cannot wait. */
export function readClusterRecordNow(file: string): ClusterRecord | undefined {
  return readStateNow<ClusterRecord>(file, clusterRecordFile);
}

export function writeClusterRecord(record: ClusterRecord): Promise<void> {
  return writeJson(paths().clusterRecord, record);
}
