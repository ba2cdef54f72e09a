import { stringify } from 'yaml';
import {
  Attribute,
  type collectorPorts,
  type LimitedStore,
  limitProcessors as limitName,
  ownUserAgent,
} from '../../core/telemetry.ts';
import type { DailyLimits } from '../../core/telemetry-limits.ts';
import { attribute, clean, foreign, ownKeys, podOf, type Transform } from './attribution.ts';
import { exporters, logExporters, metricExporter, type Stores, traceExporter } from './exporters.ts';
import { gatewayKeys, gatewayResource, gatewayRest, gatewaySpans, podAddress } from './gateway.ts';
import { hostClaim, hostExports, hostNamespace, hostOwner, hostPaths, hostShown } from './host.ts';
import {
  cleanLines,
  databaseKey,
  databaseLines,
  databaseOwner,
  podLogs,
  postgresLog,
  textLevels,
  withinStore,
} from './pod-logs.ts';

/** The Collector's whole configuration: https://opentelemetry.io/docs/collector/configuration/ */
export interface CollectorConfigArgs {
  /** Address that it listens on. */
  readonly listen: string;
  readonly ports: Readonly<Record<keyof typeof collectorPorts, number>>;
  /** How it asks the Kubernetes API for pods: `kubeConfig` takes the file that KUBECONFIG names. */
  readonly kubernetes: 'serviceAccount' | 'kubeConfig';
  /** `https://HOST:10250` of its node; absent where there is none to ask. */
  readonly kubelet?: string;
  /** Folders in its pod. */
  readonly folders: { readonly podLogs: string; readonly queue: string };
  /** File with the token that the gateway shows. */
  readonly gatewayToken: string;
  readonly stores: Stores;
  /** How many days the log store keeps. */
  readonly logDays: number;
  readonly memoryMib: number;
  /** Absent for a Collector that is not our build: it has no such processor. */
  readonly limits?: { readonly logs: DailyLimits; readonly traces: DailyLimits };
}

/** The Collector replaces it by the variable of its pod, which has the address of its node. */
export const kubeletOfNode = `https://\${env:NODE_IP}:10250`;

/** The file's text. */
export function collectorFile(args: CollectorConfigArgs): string {
  return stringify(collectorConfig(args), { lineWidth: 0 });
}

function collectorConfig(args: CollectorConfigArgs) {
  return {
    extensions: extensions(args),
    receivers: receivers(args),
    processors: { ...processors(args), ...limitProcessors(args) },
    connectors: { ...connectors, ...(args.limits && { [spansToStore]: {} }) },
    exporters: exporters(args.stores),
    service: {
      extensions: Object.keys(extensions(args)),
      telemetry: ownTelemetry(args),
      pipelines: pipelines(args),
    },
  };
}

function extensions({ folders, gatewayToken, listen, ports }: CollectorConfigArgs) {
  return {
    file_storage: {
      directory: folders.queue,
      create_directory: true,
      // Otherwise the file keeps the size that it had when a store was away.
      compaction: { directory: folders.queue, on_start: true, on_rebound: true },
    },
    'bearertokenauth/gateway': { filename: gatewayToken },
    health_check: { endpoint: `${listen}:${ports.health}` },
  };
}

function receivers(args: CollectorConfigArgs) {
  const { folders, listen, ports, kubelet, kubernetes } = args;
  return {
    otlp: {
      protocols: {
        grpc: { endpoint: `${listen}:${ports.otlpGrpc}` },
        http: { endpoint: `${listen}:${ports.otlpHttp}` },
      },
    },
    'otlp/gateway': {
      protocols: {
        http: {
          endpoint: `${listen}:${ports.gateway}`,
          auth: { authenticator: 'bearertokenauth/gateway' },
        },
      },
    },
    'otlp/host': {
      protocols: {
        http: { endpoint: `${listen}:${ports.host}`, include_metadata: true, ...hostPaths },
      },
    },
    file_log: podLogs(folders.podLogs),
    'file_log/postgres': postgresLog(folders.podLogs),
    ...(kubelet === undefined ? {} : { kubelet_stats: kubeletStats(kubelet, kubernetes) }),
  };
}

/** CPU, memory and time since its start of each container: a start is where the last falls. */
function kubeletStats(endpoint: string, auth: CollectorConfigArgs['kubernetes']) {
  return {
    auth_type: auth,
    endpoint,
    // The kubelet's certificate is its own.
    insecure_skip_verify: true,
    collection_interval: '15s',
    metric_groups: ['container'],
    metrics: {
      'container.uptime': { enabled: true },
      ...Object.fromEntries(unusedKubeletMetrics.map((name) => [name, { enabled: false }])),
    },
  };
}

const unusedKubeletMetrics: readonly string[] = [
  'container.filesystem.available',
  'container.filesystem.capacity',
  'container.memory.available',
  'container.memory.major_page_faults',
  'container.memory.page_faults',
  'container.memory.rss',
  'container.memory.usage',
];

function processors({ gatewayToken, kubernetes, logDays, memoryMib }: CollectorConfigArgs) {
  return {
    memory_limiter: {
      check_interval: '500ms',
      limit_mib: Math.floor(memoryMib * 0.7),
      spike_limit_mib: Math.floor(memoryMib * 0.15),
    },
    'transform/clean': clean,
    'resource/host': hostShown,
    'transform/host_claim': hostClaim(gatewayToken),
    'k8s_attributes/namespace': hostNamespace(kubernetes),
    'transform/host_owner': hostOwner,
    'filter/host_exports': { error_mode: 'ignore', traces: { span: hostExports } },
    'k8s_attributes/connection': podOf({ from: 'connection' }, kubernetes),
    'k8s_attributes/uid': podOf({ attribute: 'k8s.pod.uid' }, kubernetes),
    'transform/attribute': attribute,
    'transform/lines': cleanLines(ownKeys),
    'transform/levels': textLevels,
    'transform/time': withinStore(logDays),
    'transform/database_lines': databaseLines,
    'groupbyattrs/database': { keys: [databaseKey] },
    'transform/database_owner': databaseOwner,
    'transform/gateway_spans': gatewaySpans,
    'groupbyattrs/gateway': { keys: gatewayKeys },
    'transform/gateway_resource': gatewayResource,
    'k8s_attributes/address': podOf({ attribute: podAddress }, kubernetes),
    'transform/gateway_rest': gatewayRest,
    'filter/requests': {
      error_mode: 'propagate',
      traces: { span: ['span.kind != SPAN_KIND_SERVER', ourOwn] },
    },
    delta_to_cumulative: { max_stale: '10m', max_streams: 20_000 },
    'transform/points': boundedPoints,
    'filter/temporality': { error_mode: 'ignore', metrics: { metric: [notCumulative] } },
    'filter/foreign': { error_mode: 'propagate', metrics: { datapoint: [foreign] } },
    'filter/old': {
      error_mode: 'ignore',
      metrics: { datapoint: ['datapoint.time < Now() - Duration("30m")'] },
    },
    'filter/ahead': {
      error_mode: 'ignore',
      metrics: { datapoint: ['datapoint.time > Now() + Duration("5m")'] },
    },
    'transform/span_metrics': spanMetrics,
  };
}

/** Metrics are made of all spans, also of those that are not stored. */
const spansToStore = 'forward/spans';

const MIB = 1024 * 1024;

/** What the stores write for a record or span beside its compressed text, as measured: bench/telemetry-loud.bench.ts. */
const onDisk = {
  logs: { record_bytes: 8, factor: 1.1 },
  traces: { record_bytes: 700, factor: 1.5 },
} as const;

/** Of our own build of the Collector: toolchain/modules/otel-collector/environmentlimit. */
function limitProcessors({ limits, folders }: CollectorConfigArgs) {
  if (!limits) return {};
  const processor = (store: LimitedStore) => ({
    own_per_day: limits[store].ownMib * MIB,
    shared_per_day: limits[store].sharedMib * MIB,
    most_per_day: limits[store].mostMib * MIB,
    ...onDisk[store],
    state: `${folders.queue}/limit-${store}.json`,
  });
  return { [limitName.logs]: processor('logs'), [limitName.traces]: processor('traces') };
}

/** Whether a route answers yet, asked by `wt`. */
const ourOwn = `span.attributes["user_agent.original"] == "${ownUserAgent}"`;

const histograms = ['HISTOGRAM', 'EXPONENTIAL_HISTOGRAM', 'SUM']
  .map((type) => `metric.type == METRIC_DATA_TYPE_${type}`)
  .join(' or ');
/** What Prometheus answers with 500: here it would take along only what its own sender sent with it. */
const notCumulative = `(${histograms}) and metric.aggregation_temporality != AGGREGATION_TEMPORALITY_CUMULATIVE`;

/** Labels of one series. */
const boundedPoints: Transform = {
  error_mode: 'ignore',
  metric_statements: [
    {
      context: 'datapoint',
      statements: [
        'set(datapoint.time, Now()) where datapoint.time_unix_nano == 0',
        'limit(datapoint.attributes, 32, [])',
        'truncate_all(datapoint.attributes, 256)',
      ],
    },
  ],
};

/** Names that would be new with each start of the Collector, or were those of the first pod that was seen. */
const spanMetrics: Transform = {
  error_mode: 'ignore',
  metric_statements: [
    {
      context: 'resource',
      statements: [
        `keep_keys(resource.attributes, ${JSON.stringify([Attribute.namespace, Attribute.service, Attribute.app])})`,
      ],
    },
    {
      context: 'datapoint',
      statements: ['delete_key(datapoint.attributes, "collector.instance.id")'],
    },
  ],
};

/** https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/connector/spanmetricsconnector */
function spanMetricsOf(namespace: string, own: object) {
  return {
    namespace,
    histogram: {
      unit: 'ms',
      explicit: {
        buckets: ['5ms', '10ms', '25ms', '50ms', '100ms', '250ms', '500ms', '1s', '2500ms', '5s', '10s'],
      },
    },
    exemplars: { enabled: true, max_per_data_point: 5 },
    resource_metrics_key_attributes: [Attribute.namespace, Attribute.service, Attribute.app],
    metrics_flush_interval: '5s',
    metrics_expiration: '30m',
    // Names of spans are the sender's: beyond these all others are one series.
    aggregation_cardinality_limit: 300,
    ...own,
  };
}

const connectors = {
  span_metrics: spanMetricsOf('traces.span.metrics', {
    dimensions: [{ name: 'http.route' }, { name: 'http.response.status_code' }],
  }),
  'span_metrics/gateway': spanMetricsOf('gateway', {
    dimensions: [{ name: 'http.request.method' }, { name: 'http.response.status_code' }],
    exclude_dimensions: ['span.name', 'span.kind'],
  }),
  'forward/requests': {},
};

/** Its own log and metrics. */
function ownTelemetry({ listen, ports }: CollectorConfigArgs) {
  const prometheus = {
    host: listen,
    port: ports.metrics,
    without_scope_info: true,
    without_type_suffix: true,
    without_units: true,
  };
  return {
    logs: { level: 'warn' },
    metrics: { level: 'normal', readers: [{ pull: { exporter: { prometheus } } }] },
  };
}

const points = [
  'transform/points',
  'filter/old',
  'filter/ahead',
  'delta_to_cumulative',
  'filter/temporality',
];

function pipelines({ kubelet, limits }: CollectorConfigArgs) {
  const limit = limits ? [limitName.logs] : [];
  const spanStore = limits ? spansToStore : traceExporter;
  const cleaned = ['memory_limiter', 'transform/clean', 'k8s_attributes/connection', 'transform/attribute'];
  const cleanedHost = [
    'memory_limiter',
    'transform/clean',
    'resource/host',
    'transform/host_claim',
    'k8s_attributes/namespace',
    'transform/host_owner',
    'transform/attribute',
  ];
  const kubeletPipeline = {
    receivers: ['kubelet_stats'],
    processors: ['memory_limiter', 'filter/foreign', 'k8s_attributes/uid', 'transform/attribute'],
    exporters: [metricExporter],
  };
  return {
    'traces/host': {
      receivers: ['otlp/host'],
      processors: cleanedHost,
      exporters: [spanStore, 'span_metrics'],
    },
    'metrics/host': {
      receivers: ['otlp/host'],
      processors: [...cleanedHost, ...points],
      exporters: [metricExporter],
    },
    'logs/host': {
      receivers: ['otlp/host'],
      processors: [...cleanedHost, 'transform/time', ...limit],
      exporters: [logExporters.sdks],
    },
    traces: { receivers: ['otlp'], processors: cleaned, exporters: [spanStore, 'span_metrics'] },
    metrics: {
      receivers: ['otlp'],
      processors: [...cleaned, ...points],
      exporters: [metricExporter],
    },
    logs: {
      receivers: ['otlp'],
      processors: [...cleaned, 'transform/time', ...limit],
      exporters: [logExporters.sdks],
    },
    'logs/pods': {
      receivers: ['file_log'],
      // The path has said whose they are: what is dropped costs nothing more.
      processors: [
        'memory_limiter',
        ...limit,
        'transform/lines',
        'transform/levels',
        'k8s_attributes/uid',
        'transform/attribute',
        'transform/time',
      ],
      exporters: [logExporters.pods],
    },
    'logs/postgres': {
      receivers: ['file_log/postgres'],
      processors: [
        'memory_limiter',
        'k8s_attributes/uid',
        'transform/database_lines',
        'groupbyattrs/database',
        'transform/database_owner',
        'transform/attribute',
        'transform/time',
        ...limit,
      ],
      exporters: [logExporters.pods],
    },
    'traces/gateway': {
      receivers: ['otlp/gateway'],
      processors: [
        'memory_limiter',
        'filter/host_exports',
        'transform/gateway_spans',
        'groupbyattrs/gateway',
        'transform/gateway_resource',
        'k8s_attributes/address',
        'transform/gateway_rest',
        'transform/attribute',
      ],
      exporters: [spanStore, 'forward/requests'],
    },
    ...(limits && {
      'traces/store': {
        receivers: [spansToStore],
        processors: [limitName.traces],
        exporters: [traceExporter],
      },
    }),
    'traces/requests': {
      receivers: ['forward/requests'],
      processors: ['filter/requests'],
      exporters: ['span_metrics/gateway'],
    },
    'metrics/spans': {
      receivers: ['span_metrics', 'span_metrics/gateway'],
      processors: ['transform/span_metrics'],
      exporters: [metricExporter],
    },
    ...(kubelet === undefined ? {} : { 'metrics/kubelet': kubeletPipeline }),
  };
}
