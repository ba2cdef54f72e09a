import type { core } from '@pulumi/kubernetes/types/input.js';
import { goMemoryLimit } from '../core/telemetry-limits.ts';
import type { Volume } from '../core/volume.ts';
import { type Entrance, entrancePolicy, nodesAt, podOf } from './network-policy.ts';
import type { PartObject } from './part.ts';
import { storedServer } from './pod-exception.ts';
import { type StoredServer, storedServerPod } from './server.ts';

/** What the pods of all servers of telemetry are made from. */
export interface TelemetryArgs {
  /** Image reference. */
  readonly image: string;
  readonly volume: Volume;
  /** Image with a shell, for a folder of a node that is not ours. */
  readonly shellImage: string;
  /** Networks of the nodes, see the record of the cluster; nobody is kept away when absent. */
  readonly nodes?: readonly string[];
}

/** What distinguishes one of them. */
export interface TelemetryServer
  extends Pick<StoredServer, 'name' | 'user' | 'graceSeconds' | 'home' | 'mounts' | 'volumes'> {
  readonly flags: readonly string[];
  /** Beside Go's limit of memory. */
  readonly env?: readonly core.v1.EnvVar[];
  /** Answers 200 once it can be used. */
  readonly health: { readonly path: string; readonly port: number };
  readonly memoryMib: number;
  readonly requests: { readonly cpu: string; readonly memory: string };
}

/** A Go program with data and one page that says whether it is ready. */
export function telemetryPod(
  { image, volume, shellImage }: TelemetryArgs,
  { flags, env = [], health, memoryMib, requests, ...server }: TelemetryServer,
): core.v1.PodSpec {
  const probe = { httpGet: health };
  return storedServerPod({
    ...server,
    volume,
    shellImage,
    exception: storedServer.ownFolder,
    container: {
      image,
      args: [...flags],
      env: [{ name: 'GOMEMLIMIT', value: goMemoryLimit(memoryMib) }, ...env],
      // After a crash a store first reads what it wrote since its last block.
      startupProbe: { ...probe, periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 290 },
      readinessProbe: { ...probe, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 2 },
      resources: { requests, limits: { cpu: '2', memory: `${memoryMib}Mi` } },
    },
    mounts: [...server.mounts, { name: 'temporary', mountPath: '/tmp' }],
    volumes: [...server.volumes, { name: 'temporary', emptyDir: {} }],
  });
}

/** A ConfigMap of the server's name, as files below a folder. */
export function configFiles(
  name: string,
  folder: string,
): { readonly mount: core.v1.VolumeMount; readonly volume: core.v1.Volume } {
  return {
    mount: { name: 'config', mountPath: folder, readOnly: true },
    volume: { name: 'config', configMap: { name } },
  };
}

/** Who reaches a store besides the Collector: those through whom it is read. */
export function storePolicy(
  name: string,
  { nodes }: Pick<TelemetryArgs, 'nodes'>,
  { read, written, scraped }: { readonly read: number; readonly written: number; readonly scraped?: true },
): PartObject[] {
  if (nodes === undefined) return [];
  const readers = [
    podOf('gateway'),
    podOf('grafana'),
    ...(scraped ? [podOf('metrics')] : []),
    ...nodesAt(nodes),
  ];
  const entrances: Entrance[] = [
    { ports: [read], from: readers },
    { ports: [written], from: [podOf('collector')] },
  ];
  return [entrancePolicy(name, entrances)];
}
