import { platformNamespace } from './labels.ts';

/**
 * Attributes that every signal carries after the Collector. None of them is the sender's word: the Collector takes them
 * from the pod that the connection came from, from the path of the log file, or from a token.
 *
 * https://opentelemetry.io/docs/specs/semconv/resource/k8s/
 */
export const Attribute = {
  /** The key: the namespace of the environment, or {@link platformNamespace}. */
  namespace: 'k8s.namespace.name',
  /** Name of the service in coppice.yaml; of the container where a pod is no service's. */
  service: 'service.name',
  /** The app. */
  app: 'service.namespace',
  /** `app/slug`. */
  environment: 'coppice.environment',
  environmentId: 'coppice.environment.id',
  pod: 'k8s.pod.name',
  container: 'k8s.container.name',
  /** On spans only: the text `true` where the status is ERROR. Jaeger's own filter for errors finds nothing. */
  error: 'coppice.error',
  /** On log records only: why the time is that of arrival. See {@link TimeCorrected}. */
  time: 'coppice.time',
} as const;

/** Values of {@link Attribute.time}: the log store would have dropped the record with its own time, and said nothing. */
export const TimeCorrected = { tooOld: 'too-old', ahead: 'ahead' } as const;

/** Names of the same in Prometheus, on every series. */
export const MetricLabel = {
  namespace: 'k8s_namespace_name',
  service: 'service_name',
  app: 'service_namespace',
} as const;

/**
 * Fields that make a stream in VictoriaLogs: without them each restart of a process would be a new stream. Only these
 * can stand in `extra_stream_filters`.
 */
export const streamFields = [Attribute.namespace, Attribute.service, Attribute.container] as const;

/** `service.name` in {@link platformNamespace} of what came from a sender that is no pod of this cluster. */
export const unknownSender = 'unknown-sender';
/** `k8s.namespace.name` of what the platform's pods say, and of what cannot be attributed. */
export const platformStream = platformNamespace;

/** The part to which pods send, and the ports of its Service. */
export const collectorPorts = {
  otlpGrpc: 4317,
  otlpHttp: 4318,
  /** Only for the gateway, which says whose a request is, and shows a token. */
  gateway: 4319,
  /** Only for this machine's processes, through the gateway: over HTTP, below {@link hostPath}, with a token. */
  host: 4320,
  /** Its own metrics, for Prometheus. */
  metrics: 8888,
  /** Answers 200 once it is ready. */
  health: 13133,
} as const;

/** Where processes of this machine send to, on any host of the gateway that no environment has. */
export const hostPath = '/.coppice/otlp';
/** Header with their token (core/host-token.ts); in lower case, as the Collector and SDKs write it. */
export const hostTokenHeader = 'x-coppice-token';

/** Services of the stores in {@link platformNamespace}, and the ports of these Services. `query` is what `wt` asks. */
export const telemetryServices = {
  collector: { service: 'collector', ports: collectorPorts },
  logs: { service: 'victorialogs', ports: { query: 9428 } },
  metrics: { service: 'prometheus', ports: { query: 9090 } },
  traces: { service: 'jaeger', ports: { query: 16686, otlpGrpc: 4317 } },
} as const;

/** Where each store takes what the Collector sends. The stores have no authentication; a NetworkPolicy keeps pods from them. */
export const insertPaths = {
  logs: '/insert/opentelemetry/v1/logs',
  metrics: '/api/v1/otlp/v1/metrics',
} as const;

/** Metrics that the Collector makes of spans; labels are {@link MetricLabel}, `span_name`, `span_kind`, `status_code`. */
export const SpanMetric = {
  calls: 'traces_span_metrics_calls_total',
  /** Histogram: `_bucket`, `_sum`, `_count`. */
  duration: 'traces_span_metrics_duration_milliseconds',
} as const;

/** The same of the gateway's root spans, one a request: neither `span_name` nor `span_kind`. */
export const GatewayMetric = {
  calls: 'gateway_calls_total',
  duration: 'gateway_duration_milliseconds',
} as const;

/**
 * `User-Agent` of our own questions through the gateway: whether a route answers yet. They are no requests of an
 * environment, so that none stays awake because somebody looks at it; the Collector does not count them.
 */
export const ownUserAgent = 'coppice';

/** Stores in front of which each environment has a limit, and the Collector's processors that keep it. */
export const limitProcessors = {
  logs: 'environment_limit/logs',
  traces: 'environment_limit/traces',
} as const;
export type LimitedStore = keyof typeof limitProcessors;

/** Store of a processor in {@link limitProcessors}. */
export function limitedStore(processor: string): LimitedStore {
  return processor === limitProcessors.traces ? 'traces' : 'logs';
}

/** What these processors count, by `processor` and by the namespace, which they call {@link LimitMetric.environment}. */
export const LimitMetric = {
  /** Records or spans. */
  dropped: 'otelcol_environment_limit_dropped',
  /** Bytes: about what the store has on disk. */
  stored: 'otelcol_environment_limit_stored',
  environment: 'environment',
} as const;
