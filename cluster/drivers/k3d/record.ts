import type { Settings } from '../../../config/settings/settings.ts';
import { defined } from '../../../core/defined.ts';
import { nodePorts, type PublishedPort } from '../../../core/node-ports.ts';
import { byPublishedPart, byVolumeKey, partFacts } from '../../../core/part-facts.ts';
import type { ClusterRecord } from '../../../core/state/cluster-record.ts';
import type { ClusterNodes } from '../../ask-nodes.ts';
import type { NodeFacts } from './facts.ts';
import { dataFolder, rootsLabel } from './names.ts';

export interface RecordSource {
  readonly nodes: readonly NodeFacts[];
  readonly kubeconfig: string;
  readonly context: string;
  readonly uid: string;
  readonly engine: string;
  readonly seen: ClusterNodes;
  readonly nodeAddresses?: readonly string[] | undefined;
  readonly images: Readonly<Record<string, string>>;
  readonly ports: Settings['ports'];
}

/** The cluster as others see it: from how it was created, which may differ from the current settings. */
export function recordOf({
  nodes,
  kubeconfig,
  context,
  uid,
  engine,
  seen,
  nodeAddresses,
  images,
  ports,
}: RecordSource): ClusterRecord {
  const published = (name: Exclude<PublishedPort, 'https'>) => ({
    port:
      nodes.flatMap((node) => node.ports).find(({ container }) => container === nodePorts[name])?.host ??
      ports[name],
  });
  return {
    driver: 'k3d',
    kubeconfig,
    context,
    uid,
    http: published('http'),
    ...byPublishedPart(published),
    ingress: 'published',
    mountPath: '/',
    roots: sharedFolders(nodes),
    engine,
    ...seen,
    ...defined({ nodeAddresses }),
    ...byVolumeKey((part) => ({
      kind: 'node-folder' as const,
      path: `${dataFolder}/${partFacts[part].volume.folder.k3d}`,
    })),
    images,
  };
}

/** Folders of this machine that the nodes see at the same path: all nodes are created alike. */
export function sharedFolders(nodes: readonly NodeFacts[]): string[] {
  const server = nodes.find(({ role }) => role === 'server');
  // Not from Docker's list of mounts: in a virtual machine that may be a path of that machine.
  return server?.labels[rootsLabel]?.split(':').filter(Boolean) ?? [];
}
