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
  /** Docker volume with the data of the databases and of Temporal. k3d does not delete what does not begin with `k3d-`. */
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

/** On every node's container: how a cluster is known to be ours. The value says what it was made of, see config-file.ts. */
export const ownLabel = 'coppice.dev/cluster';
/** On every node's container: the names of all containers of the cluster, joined by `+`, so that a lost one is missed. */
export const membersLabel = 'coppice.dev/members';

/** Where every node has it. */
export const dataFolder = '/var/lib/coppice/volumes';

/**
 * The k3s of our Kubernetes version. That this tag exists was read in public repositories that use
 * `rancher/k3s:v1.34.10-k3s1` as the image of a k3d cluster; Docker Hub itself was not asked, so there is no digest.
 */
export const k3sImage = `docker.io/rancher/k3s:v${manifest.programs.kubelet.version}-k3s1`;
