import type { core } from '@pulumi/kubernetes/types/input.js';
import { hashOf } from '../../core/hash.ts';
import { Label } from '../../core/labels.ts';
import { telemetryHosts } from '../../core/names.ts';
import { partFacts } from '../../core/part-facts.ts';
import { goMemoryLimit, telemetryLimits } from '../../core/telemetry-limits.ts';
import type { Volume } from '../../core/volume.ts';
import type { Kinds } from '../../resources/kubernetes-object.ts';
import { storedServer } from '../pod-exception.ts';
import { serverDeployment, storedServerPod } from '../server.ts';
import type { Ui } from '../ui-route.ts';
import { jaegerFile, jaegerPorts } from './config.ts';

export interface TracesArgs {
  /** Image reference. */
  readonly image: string;
  readonly volume: Volume;
  /** Image with a shell, for a folder of a node that is not ours. */
  readonly shellImage: string;
  /** Whether its UI is reachable through the gateway. */
  readonly ui: boolean;
}

export const { service: tracesName } = partFacts.traces;
const { user } = partFacts.traces.volume;
const { memoryMib, days } = telemetryLimits.traces;
const home = '/var/lib/jaeger';
const configFolder = '/etc/jaeger';

export const tracesData: Record<string, string> = {
  'jaeger.yaml': jaegerFile({ listen: '0.0.0.0', folder: home, days, ports: jaegerPorts }),
};

export const tracesService: Kinds['Service'] = {
  spec: {
    selector: { [Label.service]: tracesName },
    ports: [
      { name: 'query', port: jaegerPorts.query, targetPort: jaegerPorts.query, protocol: 'TCP' },
      { name: 'otlp', port: jaegerPorts.otlpGrpc, targetPort: jaegerPorts.otlpGrpc, protocol: 'TCP' },
    ],
  },
};

export const tracesUi: Ui = {
  host: telemetryHosts.traces,
  service: tracesName,
  port: jaegerPorts.query,
  matches: [{ path: { type: 'PathPrefix', value: '/' }, method: 'GET' }],
  readyPath: '/api/services',
};

export function tracesHash(args: TracesArgs): string {
  return hashOf([tracesPod(args), tracesData]);
}

export function tracesDeployment(args: TracesArgs): Kinds['Deployment'] {
  return serverDeployment(tracesName, tracesHash(args), tracesPod(args));
}

function tracesPod({ image, shellImage, volume }: TracesArgs): core.v1.PodSpec {
  const health = { httpGet: { path: '/status', port: jaegerPorts.health } };
  return storedServerPod({
    name: tracesName,
    user,
    graceSeconds: 30,
    volume,
    home,
    shellImage,
    exception: storedServer.ownFolder,
    container: {
      image,
      args: [`--config=${configFolder}/jaeger.yaml`],
      env: [
        { name: 'GOMEMLIMIT', value: goMemoryLimit(memoryMib) },
        // It would write a trace of each question into its own store.
        { name: 'OTEL_TRACES_SAMPLER', value: 'always_off' },
      ],
      startupProbe: { ...health, periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 290 },
      readinessProbe: { ...health, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 2 },
      resources: {
        requests: { cpu: '20m', memory: '96Mi' },
        limits: { cpu: '2', memory: `${memoryMib}Mi` },
      },
    },
    mounts: [
      { name: 'config', mountPath: configFolder, readOnly: true },
      { name: 'temporary', mountPath: '/tmp' },
    ],
    volumes: [
      { name: 'config', configMap: { name: tracesName } },
      { name: 'temporary', emptyDir: {} },
    ],
  });
}
