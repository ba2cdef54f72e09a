import { manifest } from '../../../toolchain/manifest.ts';

/** What k3d calls the cluster; Docker knows its containers as `k3d-coppice-server-0` and so on. */
export const clusterName = 'coppice';
/** As k3d itself names the context of a cluster. */
export const contextName = `k3d-${clusterName}`;
/** k3d's own, one of each for a cluster. */
export const networkName = `k3d-${clusterName}`;
export const imageVolume = `k3d-${clusterName}-images`;
/** Beside the nodes; inside and outside of the cluster it has this name and the same port. */
export const registryName = 'coppice-registry';

/** On every node's container: how a cluster is known to be ours. The value says what it was made of, see config-file.ts. */
export const ownLabel = 'coppice.dev/cluster';
/** On every node's container: the names of all containers of the cluster, joined by `+`, so that a lost one is missed. */
export const membersLabel = 'coppice.dev/members';

/** Docker volume with the data of the databases and of Temporal. k3d does not delete what does not begin with `k3d-`. */
export const dataVolume = 'coppice-databases';
/** Where every node has it. */
export const dataFolder = '/var/lib/coppice/volumes';

/**
 * The k3s of our Kubernetes version. That this tag exists was read in public repositories that use
 * `rancher/k3s:v1.34.10-k3s1` as the image of a k3d cluster; Docker Hub itself was not asked, so there is no digest.
 */
export const k3sImage = `docker.io/rancher/k3s:v${manifest.programs.kubelet.version}-k3s1`;
