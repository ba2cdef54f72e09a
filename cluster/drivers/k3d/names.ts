import { sha256 } from '../../../core/hash.ts';
import { manifest } from '../../../toolchain/manifest.ts';

/** What everything of one cluster is called; `k3d.name` of the settings gives the first, all others follow from it. */
export interface Names {
  /** What k3d calls it: `coppice`. Docker knows its containers as `k3d-coppice-server-0` and so on. */
  readonly cluster: string;
  /** As k3d itself names the context of a cluster. */
  readonly context: string;
  readonly network: string;
  readonly imageVolume: string;
  /** Beside the nodes; inside and outside of the cluster it has this name and the same port. */
  readonly registry: string;
  /** Docker volume with the data of the platform's parts. k3d does not delete what does not begin with `k3d-`. */
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
 * On every node's container and on the volume: whose cluster it is. Several users may share an engine, and one user may
 * have several data folders.
 */
export const ownerLabel = 'coppice.dev/owner';
/** Twelve hex digits for the data folder that the cluster's record lies in, an absolute path. */
export function ownerOf(dataFolder: string): string {
  return sha256(dataFolder, 12);
}

/** On every node's container: the folders of this machine that it sees at their own path, joined by `:`. */
export const rootsLabel = 'coppice.dev/roots';
/** On every node's container: how a cluster is known to be made by coppice. The value says what it was made of, see config-file.ts. */
export const ownLabel = 'coppice.dev/cluster';
/** On every node's container: the names of all containers of the cluster, joined by `+`, so that a lost one is missed. */
export const membersLabel = 'coppice.dev/members';

/** Where every node has it. */
export const dataFolder = '/var/lib/coppice/volumes';

/**
 * What k3d calls `registry:2`, pinned. That the tag exists says the list of Docker's official images, which took it in
 * https://github.com/docker-library/official-images/pull/15462; no digest, as Docker Hub itself was not asked.
 */
export const registryImage = 'docker.io/library/registry:2.8.3';

/**
 * The k3s of our Kubernetes version. That this tag exists was read in public repositories that use
 * `rancher/k3s:v1.34.10-k3s1` as the image of a k3d cluster; Docker Hub itself was not asked, so there is no digest.
 */
export const k3sImage = `docker.io/rancher/k3s:v${manifest.programs.kubelet.version}-k3s1`;
