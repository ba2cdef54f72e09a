import type { core } from '@pulumi/kubernetes/types/input.js';
import { hashOf } from '../../core/hash.ts';
import { Label, platformNamespace } from '../../core/labels.ts';
import { hostOf, partFacts } from '../../core/part-facts.ts';
import { collectorPorts, telemetryServices } from '../../core/telemetry.ts';
import { environmentLimits, telemetryLimits } from '../../core/telemetry-limits.ts';
import type { ClusterArgs } from '../../resources/cluster-args.ts';
import type { Kinds } from '../../resources/kubernetes-object.ts';
import type { TracingArgs } from '../gateway/traefik.ts';
import { type PodException, storedServer } from '../pod-exception.ts';
import { serverDeployment } from '../server.ts';
import { configFiles, type TelemetryArgs, telemetryPod } from '../telemetry-server.ts';
import { collectorFile, kubeletOfNode } from './config.ts';
import { limitsEnvironments } from './image.ts';
import { gatewayTokenName } from './names.ts';

export interface CollectorArgs extends TelemetryArgs {
  readonly ingress: ClusterArgs['ingress'];
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

/** Where the gateway sends the spans of its requests. */
export const gatewayTracing: TracingArgs = {
  endpoint: `http://${hostOf('collector')}:${collectorPorts.gateway}`,
  tokenSecret: gatewayTokenName,
};

export function collectorData({ image }: CollectorArgs): Record<string, string> {
  const file = collectorFile({
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
    ...(limitsEnvironments(image) && { limits: environmentLimits }),
  });
  return { 'collector.yaml': file };
}

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
  return hashOf([collectorPod(args), collectorData(args)]);
}

export function collectorDeployment(args: CollectorArgs): Kinds['Deployment'] {
  return serverDeployment(collectorName, collectorHash(args), collectorPod(args));
}

function collectorPod(args: CollectorArgs): core.v1.PodSpec {
  const config = configFiles(collectorName, configFolder);
  const pod = telemetryPod(args, {
    name: collectorName,
    user,
    // What it has is in its queue on disk.
    graceSeconds: 15,
    home,
    flags: [`--config=${configFolder}/collector.yaml`],
    env: [{ name: 'NODE_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } }],
    health: { path: '/', port: healthPort },
    memoryMib,
    requests: { cpu: '50m', memory: '128Mi' },
    mounts: [
      config.mount,
      { name: 'gateway-token', mountPath: tokenFolder, readOnly: true },
      { name: 'pod-logs', mountPath: podLogs, readOnly: true },
    ],
    volumes: [
      config.volume,
      { name: 'gateway-token', secret: { secretName: gatewayTokenName, defaultMode: 0o400 } },
      { name: 'pod-logs', hostPath: { path: args.podLogs, type: 'Directory' } },
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
