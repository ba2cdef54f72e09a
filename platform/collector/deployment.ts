import type { core } from '@pulumi/kubernetes/types/input.js';
import { hashOf } from '../../core/hash.ts';
import { Label, platformNamespace } from '../../core/labels.ts';
import { hostOf, partFacts } from '../../core/part-facts.ts';
import { collectorPorts, telemetryServices } from '../../core/telemetry.ts';
import { goMemoryLimit, telemetryLimits } from '../../core/telemetry-limits.ts';
import type { Volume } from '../../core/volume.ts';
import type { Kinds } from '../../resources/kubernetes-object.ts';
import type { TracingArgs } from '../gateway/traefik.ts';
import { type PodException, storedServer } from '../pod-exception.ts';
import { serverDeployment, storedServerPod } from '../server.ts';
import { collectorFile, kubeletOfNode } from './config.ts';

export interface CollectorArgs {
  /** Image reference. */
  readonly image: string;
  readonly volume: Volume;
  /** Image with a shell, for a folder of a node that is not ours. */
  readonly shellImage: string;
  /** Folder of pods' logs on its node. */
  readonly podLogs: string;
}

export const collectorException = {
  ...storedServer,
  // It asks whose pods they are.
  serviceAccountToken: true,
} as const satisfies PodException;

export const { service: collectorName } = partFacts.collector;
const { user } = partFacts.collector.volume;
const { memoryMib } = telemetryLimits.collector;
const home = '/var/lib/otelcol';
const podLogs = '/var/log/pods';
const configFolder = '/etc/otelcol';
const tokenFolder = '/etc/otelcol-gateway';

/** Name of the Secret whose key `password` the gateway shows. */
export const gatewayTokenName = 'collector-gateway';

/** Where the gateway sends the spans of its requests. */
export const gatewayTracing: TracingArgs = {
  endpoint: `http://${hostOf('collector')}:${collectorPorts.gateway}`,
  tokenSecret: gatewayTokenName,
};

export const collectorData: Record<string, string> = {
  'collector.yaml': collectorFile({
    listen: '0.0.0.0',
    ports: collectorPorts,
    kubernetes: 'serviceAccount',
    kubelet: kubeletOfNode,
    folders: { podLogs, queue: home },
    gatewayToken: `${tokenFolder}/password`,
    stores: {
      logs: `http://${hostOf('logs')}:${telemetryServices.logs.ports.query}`,
      metrics: `http://${hostOf('metrics')}:${telemetryServices.metrics.ports.query}`,
      traces: `${hostOf('traces')}:${telemetryServices.traces.ports.otlpGrpc}`,
    },
    logDays: telemetryLimits.logs.days,
    memoryMib,
  }),
};

const { health: healthPort, ...served } = collectorPorts;

export const collectorService: Kinds['Service'] = {
  spec: {
    selector: { [Label.service]: collectorName },
    ports: Object.entries(served).map(([name, port]) => ({
      name: name.toLowerCase(),
      port,
      targetPort: port,
      protocol: 'TCP',
    })),
  },
};

export function collectorHash(args: CollectorArgs): string {
  return hashOf([collectorPod(args), collectorData]);
}

export function collectorDeployment(args: CollectorArgs): Kinds['Deployment'] {
  return serverDeployment(collectorName, collectorHash(args), collectorPod(args));
}

function collectorPod({ image, shellImage, volume, podLogs: nodeFolder }: CollectorArgs): core.v1.PodSpec {
  const health = { httpGet: { path: '/', port: healthPort } };
  const pod = storedServerPod({
    name: collectorName,
    user,
    // What it has is in its queue on disk.
    graceSeconds: 15,
    volume,
    home,
    shellImage,
    exception: storedServer.ownFolder,
    container: {
      image,
      args: [`--config=${configFolder}/collector.yaml`],
      env: [
        { name: 'GOMEMLIMIT', value: goMemoryLimit(memoryMib) },
        { name: 'NODE_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
      ],
      startupProbe: { ...health, periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 290 },
      readinessProbe: { ...health, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 2 },
      resources: {
        requests: { cpu: '50m', memory: '128Mi' },
        limits: { cpu: '2', memory: `${memoryMib}Mi` },
      },
    },
    mounts: [
      { name: 'config', mountPath: configFolder, readOnly: true },
      { name: 'gateway-token', mountPath: tokenFolder, readOnly: true },
      { name: 'pod-logs', mountPath: podLogs, readOnly: true },
      { name: 'temporary', mountPath: '/tmp' },
    ],
    volumes: [
      { name: 'config', configMap: { name: collectorName } },
      { name: 'gateway-token', secret: { secretName: gatewayTokenName, defaultMode: 0o400 } },
      { name: 'pod-logs', hostPath: { path: nodeFolder, type: 'Directory' } },
      { name: 'temporary', emptyDir: {} },
    ],
  });
  return {
    ...pod,
    serviceAccountName: collectorName,
    automountServiceAccountToken: collectorException.serviceAccountToken,
  };
}

const role = `coppice-${collectorName}`;

/** Names of the objects that give it {@link collectorRules}. */
export const collectorAccess = {
  role,
  subject: { kind: 'ServiceAccount', name: collectorName, namespace: platformNamespace },
} as const;
