import type { core } from '@pulumi/kubernetes/types/input.js';
import { hashOf } from '../../core/hash.ts';
import { Label } from '../../core/labels.ts';
import { telemetryHosts } from '../../core/names.ts';
import { partFacts } from '../../core/part-facts.ts';
import { telemetryServices } from '../../core/telemetry.ts';
import { goMemoryLimit, telemetryLimits } from '../../core/telemetry-limits.ts';
import type { Volume } from '../../core/volume.ts';
import type { Kinds } from '../../resources/kubernetes-object.ts';
import { storedServer } from '../pod-exception.ts';
import { serverDeployment, storedServerPod } from '../server.ts';
import type { Ui } from '../ui-route.ts';
import { platformScrapes, prometheusFile } from './config.ts';

export interface MetricsArgs {
  /** Image reference. */
  readonly image: string;
  readonly volume: Volume;
  /** Image with a shell, for a folder of a node that is not ours. */
  readonly shellImage: string;
  /** Whether its UI is reachable through the gateway. */
  readonly ui: boolean;
}

export const { service: metricsName } = partFacts.metrics;
const { query: port } = telemetryServices.metrics.ports;
const { user } = partFacts.metrics.volume;
const { memoryMib, diskMib, days } = telemetryLimits.metrics;
const home = '/var/lib/prometheus';
const configFolder = '/etc/prometheus';

export const metricsData: Record<string, string> = {
  'prometheus.yml': prometheusFile({ scrapes: platformScrapes }),
};

/** https://prometheus.io/docs/prometheus/latest/command-line/prometheus/ */
const flags = [
  `--config.file=${configFolder}/prometheus.yml`,
  `--storage.tsdb.path=${home}`,
  `--storage.tsdb.retention.time=${days}d`,
  `--storage.tsdb.retention.size=${diskMib}MiB`,
  `--web.listen-address=:${port}`,
  // Only the Collector sends; it makes sums of deltas, which Prometheus would refuse with everything beside them.
  '--web.enable-otlp-receiver',
  '--enable-feature=exemplar-storage',
  // By default every page in a browser may read.
  '--web.cors.origin=^$',
  '--query.timeout=30s',
  '--query.max-samples=10000000',
  '--log.level=warn',
];

export const metricsService: Kinds['Service'] = {
  spec: {
    selector: { [Label.service]: metricsName },
    ports: [{ name: 'http', port, targetPort: port, protocol: 'TCP' }],
  },
};

/** `/api/v1/otlp` takes metrics, and is beside these. */
const readPaths: readonly string[] = [
  ...['query', 'query_range', 'query_exemplars', 'format_query', 'parse_query', 'series', 'labels', 'label'],
  ...['metadata', 'targets', 'rules', 'alerts', 'alertmanagers', 'status', 'features'],
].map((path) => `/api/v1/${path}`);
const pages: readonly string[] = [
  ...['/query', '/graph', '/alerts', '/targets', '/rules', '/service-discovery', '/status', '/tsdb-status'],
  ...['/flags', '/config', '/assets', '/favicon.svg', '/favicon.ico', '/manifest.json', '/-/ready'],
];

export const metricsUi: Ui = {
  host: telemetryHosts.metrics,
  service: metricsName,
  port,
  matches: [
    { path: { type: 'Exact', value: '/' } },
    ...[...readPaths, ...pages].map((value) => ({ path: { type: 'PathPrefix' as const, value } })),
  ],
  readyPath: '/-/ready',
};

export function metricsHash(args: MetricsArgs): string {
  return hashOf([metricsPod(args), metricsData]);
}

export function metricsDeployment(args: MetricsArgs): Kinds['Deployment'] {
  return serverDeployment(metricsName, metricsHash(args), metricsPod(args));
}

function metricsPod({ image, shellImage, volume }: MetricsArgs): core.v1.PodSpec {
  const health = { httpGet: { path: '/-/ready', port } };
  return storedServerPod({
    name: metricsName,
    user,
    graceSeconds: 30,
    volume,
    home,
    shellImage,
    exception: storedServer.ownFolder,
    container: {
      image,
      args: flags,
      env: [{ name: 'GOMEMLIMIT', value: goMemoryLimit(memoryMib) }],
      // After a crash it first reads what it wrote since its last block.
      startupProbe: { ...health, periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 290 },
      readinessProbe: { ...health, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 2 },
      resources: {
        requests: { cpu: '30m', memory: '128Mi' },
        limits: { cpu: '2', memory: `${memoryMib}Mi` },
      },
    },
    mounts: [
      { name: 'config', mountPath: configFolder, readOnly: true },
      { name: 'temporary', mountPath: '/tmp' },
    ],
    volumes: [
      { name: 'config', configMap: { name: metricsName } },
      { name: 'temporary', emptyDir: {} },
    ],
  });
}
