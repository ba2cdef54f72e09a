import { stringify } from 'yaml';
import type { Settings } from '../../../config/settings/settings.ts';
import { sha256 } from '../../../core/hash.ts';
import { nodePorts, type PublishedPort } from '../../../core/node-ports.ts';
import {
  dataFolder,
  k3sImage,
  membersLabel,
  namesOf,
  ownerLabel,
  ownLabel,
  registryImage,
  rootsLabel,
} from './names.ts';

interface Filtered {
  readonly nodeFilters: readonly string[];
}

/** The part of k3d's configuration that we write: https://k3d.io/stable/usage/configfile */
export interface K3dConfig {
  readonly apiVersion: 'k3d.io/v1alpha5';
  readonly kind: 'Simple';
  readonly metadata: { readonly name: string };
  readonly servers: number;
  readonly agents: number;
  readonly image: string;
  readonly kubeAPI: { readonly hostIP: string };
  readonly ports: readonly (Filtered & { readonly port: string })[];
  readonly volumes: readonly (Filtered & { readonly volume: string })[];
  readonly registries: {
    readonly create: {
      readonly name: string;
      readonly image: string;
      readonly host: string;
      readonly hostPort: string;
      readonly enforcePortMatch: boolean;
    };
  };
  readonly options: {
    readonly k3d: {
      readonly wait: boolean;
      readonly timeout: string;
      readonly disableLoadbalancer: boolean;
      readonly loadbalancer?: { readonly configOverrides: readonly string[] };
    };
    readonly k3s: { readonly extraArgs: readonly (Filtered & { readonly arg: string })[] };
    readonly kubeconfig: {
      readonly updateDefaultKubeconfig: boolean;
      readonly switchCurrentContext: boolean;
    };
    readonly runtime: { readonly labels: readonly (Filtered & { readonly label: string })[] };
  };
}

/** How long k3d waits for its nodes, as a Go duration: k3s takes half a minute, and its image may have to be pulled. */
export const startTimeout = '300s';

/**
 * Seconds: the default of 600 would end every psql session, Temporal stream and watch that is silent for ten minutes.
 * The key is the one in docs/design/defaults.md of k3d 5.9.0.
 */
const idleTimeout = `settings.defaultProxyTimeout=${24 * 60 * 60}`;

/**
 * Imported images cannot be pulled again, so they are never garbage-collected; and kubelet's own disk thresholds would
 * evict pods from a laptop with 20 GB left.
 */
const kubeletArgs = [
  'image-gc-high-threshold=100',
  'image-gc-low-threshold=99',
  'eviction-hard=memory.available<100Mi,nodefs.available<512Mi,imagefs.available<512Mi,nodefs.inodesFree<1%',
];

export interface ConfigSource {
  readonly settings: Pick<Settings, 'k3d' | 'ports'>;
  /** Folders of this machine that every node sees at the same path, see mounted-roots.ts. */
  readonly roots: readonly string[];
  /** See {@link ownerLabel}. */
  readonly owner: string;
  /** Whether the port for TLS is free, and is therefore published. */
  readonly https: boolean;
}

/** The image that the nodes should run. */
export function imageOf({ k3d }: Pick<Settings, 'k3d'>): string {
  return k3d.image ?? k3sImage;
}

/**
 * Docker's names of the containers that make up the cluster.
 *
 * @internal Exported for its test, which passes in what programs print.
 */
export function membersOf({ k3d }: Pick<Settings, 'k3d'>): string[] {
  const { cluster, registry } = namesOf(k3d.name);
  const numbered = (role: string, count: number) =>
    Array.from({ length: count }, (_, index) => `k3d-${cluster}-${role}-${index}`);
  return [
    ...numbered('server', k3d.servers),
    ...numbered('agent', k3d.agents),
    ...(k3d.loadBalancer ? [`k3d-${cluster}-serverlb`] : []),
    registry,
  ];
}

/** The whole configuration that k3d gets when it creates the cluster. */
export function k3dConfig(source: ConfigSource): K3dConfig {
  const { k3d, ports } = source.settings;
  const { cluster, registry, dataVolume } = namesOf(k3d.name);
  const everyNode = ['server:*', ...(k3d.agents > 0 ? ['agent:*'] : [])];
  const published = Object.entries(nodePorts) as [PublishedPort, number][];
  const volumes = [`${dataVolume}:${dataFolder}`, ...source.roots.map((root) => `${root}:${root}`)];
  const config: K3dConfig = {
    apiVersion: 'k3d.io/v1alpha5',
    kind: 'Simple',
    metadata: { name: cluster },
    servers: k3d.servers,
    agents: k3d.agents,
    image: imageOf(source.settings),
    kubeAPI: { hostIP: '127.0.0.1' },
    ports: published.map(([name, nodePort]) => ({
      port: `127.0.0.1:${ports[name]}:${nodePort}`,
      nodeFilters: [k3d.loadBalancer ? 'loadbalancer' : 'server:0:direct'],
    })),
    volumes: volumes.map((volume) => ({ volume, nodeFilters: everyNode })),
    registries: {
      create: {
        name: registry,
        image: registryImage,
        host: '127.0.0.1',
        hostPort: String(k3d.registryPort),
        // The same reference then works on this machine and in the pods.
        enforcePortMatch: true,
      },
    },
    options: {
      k3d: {
        wait: true,
        timeout: startTimeout,
        disableLoadbalancer: !k3d.loadBalancer,
        ...(k3d.loadBalancer ? { loadbalancer: { configOverrides: [idleTimeout] } } : {}),
      },
      k3s: {
        extraArgs: [
          { arg: '--disable=traefik', nodeFilters: ['server:*'] },
          ...kubeletArgs.map((arg) => ({ arg: `--kubelet-arg=${arg}`, nodeFilters: everyNode })),
        ],
      },
      // A user's own kubeconfig is not touched; ours is written beside the record.
      kubeconfig: { updateDefaultKubeconfig: false, switchCurrentContext: false },
      runtime: { labels: [] },
    },
  };
  const labels = [
    `${ownLabel}=${fingerprint(config)}`,
    `${ownerLabel}=${source.owner}`,
    `${rootsLabel}=${source.roots.join(':')}`,
    `${membersLabel}=${membersOf(source.settings).join('+')}`,
  ].map((label) => ({ label, nodeFilters: ['all'] }));
  return {
    ...config,
    // Not in the fingerprint: a port that is free again later is not a changed setting.
    ports: config.ports.filter(({ port }) => source.https || !port.endsWith(`:${nodePorts.https}`)),
    options: { ...config.options, runtime: { labels } },
  };
}

/** The same as the file that k3d reads. */
export function configText(source: ConfigSource): string {
  return stringify(k3dConfig(source), { aliasDuplicateObjects: false });
}

/** Eight hex digits for everything that defines a node except its image, which can be read from the node itself. */
function fingerprint({ image, ...config }: K3dConfig): string {
  return sha256(JSON.stringify(config), 8);
}

/**
 * Value of the label on our nodes: a different one means that the settings have changed since the cluster was created.
 */
export function configLabel(config: K3dConfig): string {
  const start = `${ownLabel}=`;
  const label = config.options.runtime.labels.find(({ label }) => label.startsWith(start));
  return label?.label.slice(start.length) ?? '';
}
