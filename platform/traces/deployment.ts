import type { core } from '@pulumi/kubernetes/types/input.js';
import { hashOf } from '../../core/hash.ts';
import { Label } from '../../core/labels.ts';
import { telemetryHosts } from '../../core/names.ts';
import { partFacts } from '../../core/part-facts.ts';
import { telemetryLimits } from '../../core/telemetry-limits.ts';
import type { Kinds } from '../../resources/kubernetes-object.ts';
import { serverDeployment } from '../server.ts';
import { configFiles, type TelemetryArgs, telemetryPod } from '../telemetry-server.ts';
import type { Ui } from '../ui-route.ts';
import { jaegerFile, jaegerPorts } from './config.ts';

export interface TracesArgs extends TelemetryArgs {
  /** Whether its UI is reachable through the gateway. */
  readonly ui: boolean;
}

export const { service: tracesName } = partFacts.traces;
export const tracesPorts = { read: jaegerPorts.query, written: jaegerPorts.otlpGrpc } as const;
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

function tracesPod(args: TracesArgs): core.v1.PodSpec {
  const config = configFiles(tracesName, configFolder);
  return telemetryPod(args, {
    name: tracesName,
    user,
    graceSeconds: 30,
    home,
    flags: [`--config=${configFolder}/jaeger.yaml`],
    // It would write a trace of each question into its own store.
    env: [{ name: 'OTEL_TRACES_SAMPLER', value: 'always_off' }],
    health: { path: '/status', port: jaegerPorts.health },
    memoryMib,
    requests: { cpu: '20m', memory: '96Mi' },
    mounts: [config.mount],
    volumes: [config.volume],
  });
}
