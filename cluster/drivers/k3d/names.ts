import { sha256 } from '../../../core/hash.ts';
import { manifest } from '../../../toolchain/manifest.ts';

/** Names of everything that belongs to one cluster; all follow from `k3d.name` in the settings. */
export interface Names {
  /** k3d's name: `coppice`. Docker knows its containers as `k3d-coppice-server-0` and so on. */
  readonly cluster: string;
  /** The name that k3d itself gives the cluster's context. */
  readonly context: string;
  readonly network: string;
  readonly imageVolume: string;
  /** Beside the nodes; it has this name and the same port inside and outside the cluster. */
  readonly registry: string;
  /** Docker volume with the data of the platform's parts. k3d does not delete names without the prefix `k3d-`. */
  readonly dataVolume: string;
}

export function namesOf(cluster: string): Names {
  return {
    cluster,
    context: `k3d-${cluster}`,
    network: `k3d-${cluster}`,
    imageVolume: `k3d-${cluster}-images`,
    registry: `${cluster}-registry`,
    dataVolume: `${cluster}-databases`,
  };
}

/**
 * On every node's container and on the volume: the cluster's owner. Several users may share an engine, and one user may
 * have several data folders.
 */
export const ownerLabel = 'coppice.dev/owner';
/** Twelve hex digits for the data folder that holds the cluster's record, an absolute path. */
export function ownerOf(dataFolder: string): string {
  return sha256(dataFolder, 12);
}

/** On every node's container: the folders of this machine that it sees at the same path, joined by `:`. */
export const rootsLabel = 'coppice.dev/roots';
/**
 * On every node's container: marks a cluster as created by coppice. The value identifies its configuration, see
 * config-file.ts.
 */
export const ownLabel = 'coppice.dev/cluster';
/**
 * On every node's container: the names of all containers of the cluster, joined by `+`, so that a lost one is noticed.
 */
export const membersLabel = 'coppice.dev/members';

/** Where every node mounts it. */
export const dataFolder = '/var/lib/coppice/volumes';

/**
 * k3d's `registry:2`, pinned. That the tag exists is known from the list of Docker's official images
 * (https://github.com/docker-library/official-images/pull/15462); no digest, as Docker Hub itself was not queried.
 */
export const registryImage = 'docker.io/library/registry:2.8.3';

/**
 * The k3s of our Kubernetes version. That this tag exists is known from public repositories that use
 * `rancher/k3s:v1.34.10-k3s1` as the image of a k3d cluster; Docker Hub itself was not queried, so there is no digest.
 */
export const k3sImage = `docker.io/rancher/k3s:v${manifest.programs.kubelet.version}-k3s1`;
