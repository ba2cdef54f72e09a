import { platformNamespace } from '../../core/labels.ts';
import { environmentName } from '../../core/names.ts';
import { collectorPorts, telemetryServices } from '../../core/telemetry.ts';

export interface TelemetryFacts {
  readonly app: string;
  readonly slug: string;
  readonly namespace: string;
  readonly service: string;
  /** Absent if the folder is mounted: a commit there changes no file of the pod, and must not restart it. */
  readonly commit?: string;
  readonly branch: string;
  /** Whether the process reaches the platform's Collector. */
  readonly collected: boolean;
}

/**
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ The service may override
 * `defaults`, but not `fixed`, which says whose signals they are. The service's own attributes are kept, before ours:
 * readers take the last of two.
 */
export function telemetryVariables(facts: TelemetryFacts, own: Readonly<Record<string, string>>) {
  const attributes: Record<string, string> = {
    'service.namespace': facts.app,
    'deployment.environment.name': facts.slug,
    'k8s.namespace.name': facts.namespace,
    'coppice.environment': environmentName(facts.app, facts.slug),
    'vcs.ref.head.name': facts.branch,
    ...(facts.commit && { 'service.version': facts.commit, 'vcs.ref.head.revision': facts.commit }),
  };
  const ours = Object.entries(attributes).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  const theirs = (own.OTEL_RESOURCE_ATTRIBUTES ?? '')
    .split(',')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '' && !Object.hasOwn(attributes, pair.split('=', 1)[0]?.trim() ?? ''));
  return {
    defaults: { OTEL_SERVICE_NAME: facts.service, ...(facts.collected ? exporting(own) : notExporting) },
    fixed: { OTEL_RESOURCE_ATTRIBUTES: [...theirs, ...ours].join(',') },
  };
}

// Without a Collector every export would fail, slowly, in the application's log.
const notExporting = { OTEL_SDK_DISABLED: 'true' };

/** Where an SDK sends to, and how often. The Collector decides whose signals they are, so a service may change all of it. */
function exporting(own: Readonly<Record<string, string>>): Record<string, string> {
  return {
    ...(own.OTEL_EXPORTER_OTLP_ENDPOINT === undefined && collector(own.OTEL_EXPORTER_OTLP_PROTOCOL)),
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'otlp',
    // The Collector reads what pods print: a line that an SDK sends besides would be stored twice.
    OTEL_LOGS_EXPORTER: 'none',
    // The others ask the metadata addresses of clouds, or send command lines.
    OTEL_NODE_RESOURCE_DETECTORS: 'env',
    // Milliseconds. The standard's 5 s and 60 s are for servers that nobody looks at.
    OTEL_BSP_SCHEDULE_DELAY: '1000',
    OTEL_METRIC_EXPORT_INTERVAL: '15000',
    // JavaScript's SDK refuses one that is longer than the interval, and its default is.
    OTEL_METRIC_EXPORT_TIMEOUT: '10000',
  };
}

/**
 * Over HTTP, unless the service says `grpc`: JavaScript's exporter retries there, and over gRPC it drops what a busy
 * Collector refuses.
 */
function collector(protocol = 'http/protobuf'): Record<string, string> {
  const port = protocol === 'grpc' ? collectorPorts.otlpGrpc : collectorPorts.otlpHttp;
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${telemetryServices.collector.service}.${platformNamespace}.svc:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  };
}
