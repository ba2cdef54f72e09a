import type { core } from '@pulumi/kubernetes/types/input.js';
import { hashOf } from '../../core/hash.ts';
import { Label } from '../../core/labels.ts';
import { telemetryHosts } from '../../core/names.ts';
import { partFacts } from '../../core/part-facts.ts';
import { telemetryServices } from '../../core/telemetry.ts';
import { telemetryLimits } from '../../core/telemetry-limits.ts';
import type { Kinds } from '../../resources/kubernetes-object.ts';
import { serverDeployment } from '../server.ts';
import { configFiles, type TelemetryArgs, telemetryPod } from '../telemetry-server.ts';
import type { Ui } from '../ui-route.ts';
import { platformScrapes, prometheusFile } from './config.ts';

export interface MetricsArgs extends TelemetryArgs {
  /** Whether its UI is reachable through the gateway. */
  readonly ui: boolean;
}

export const { service: metricsName } = partFacts.metrics;
const { query: port } = telemetryServices.metrics.ports;
export const metricsPorts = { read: port, written: port } as const;
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
  // `wt delete --purge`; not behind the gateway.
  '--web.enable-admin-api',
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

/** `/api/v1/otlp` takes metrics, `/api/v1/admin` deletes them; both are beside these. */
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

function metricsPod(args: MetricsArgs): core.v1.PodSpec {
  const config = configFiles(metricsName, configFolder);
  return telemetryPod(args, {
    name: metricsName,
    user,
    graceSeconds: 30,
    home,
    flags,
    health: { path: '/-/ready', port },
    memoryMib,
    requests: { cpu: '30m', memory: '128Mi' },
    mounts: [config.mount],
    volumes: [config.volume],
  });
}
