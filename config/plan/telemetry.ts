import { platformNamespace } from '../../core/labels.ts';
import { environmentName } from '../../core/names.ts';
import { collectorPorts, hostTokenHeader, telemetryServices } from '../../core/telemetry.ts';

export interface TelemetryFacts {
  readonly app: string;
  readonly slug: string;
  readonly namespace: string;
  readonly service: string;
  /** Absent if the folder is mounted: a commit there changes no file of the pod, and must not restart it. */
  readonly commit?: string;
  readonly branch: string;
  /** Where the process sends to: a pod, to the Collector's Service. Absent where nothing takes it. */
  readonly collector?: 'service' | HostCollector;
}

/** The Collector, as a process on this machine reaches it. */
export interface HostCollector {
  /** Of OTLP over HTTP; SDKs append `/v1/traces`. */
  readonly endpoint: string;
  /** Says whose the process is; a secret. */
  readonly token: string;
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
    defaults: { OTEL_SERVICE_NAME: facts.service, ...exportingTo(facts.collector, own) },
    fixed: {
      ...hostProtocol(facts.collector, own),
      OTEL_RESOURCE_ATTRIBUTES: [...theirs, ...ours].join(','),
    },
  };
}

// Without a Collector every export would fail, slowly, in the application's log.
const notExporting = { OTEL_SDK_DISABLED: 'true' };

function exportingTo(collector: TelemetryFacts['collector'], own: Readonly<Record<string, string>>) {
  if (collector === undefined) return notExporting;
  // The Collector reads what pods print: a line that an SDK sends besides would be stored twice.
  if (collector === 'service') return { ...serviceOf(own), ...exporting('none') };
  // What this machine's processes print is not read.
  return { ...hostOf(collector, own), ...exporting('otlp') };
}

/** A service that sends elsewhere must not show our token there. */
const sendsElsewhere = (own: Readonly<Record<string, string>>) =>
  Object.keys(own).some((name) => /^OTEL_EXPORTER_OTLP_([A-Z]+_)?ENDPOINT$/.test(name));

function hostOf({ endpoint, token }: HostCollector, own: Readonly<Record<string, string>>) {
  if (sendsElsewhere(own)) return {};
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: `${hostTokenHeader}=${token}`,
  };
}

/** The gateway passes nothing but HTTP on. */
function hostProtocol(collector: TelemetryFacts['collector'], own: Readonly<Record<string, string>>) {
  if (typeof collector !== 'object' || sendsElsewhere(own)) return {};
  const protocol = own.OTEL_EXPORTER_OTLP_PROTOCOL;
  return {
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol === 'http/json' ? protocol : 'http/protobuf',
  };
}

/** How often an SDK sends, and what. The Collector decides whose signals they are, so a service may change all of it. */
const exporting = (logs: 'none' | 'otlp') => ({
  OTEL_TRACES_EXPORTER: 'otlp',
  OTEL_METRICS_EXPORTER: 'otlp',
  OTEL_LOGS_EXPORTER: logs,
  // The others ask the metadata addresses of clouds, or send command lines.
  OTEL_NODE_RESOURCE_DETECTORS: 'env',
  // Milliseconds. The standard's 5 s and 60 s are for servers that nobody looks at.
  OTEL_BSP_SCHEDULE_DELAY: '1000',
  OTEL_METRIC_EXPORT_INTERVAL: '15000',
  // JavaScript's SDK refuses one that is longer than the interval, and its default is.
  OTEL_METRIC_EXPORT_TIMEOUT: '10000',
});

/**
 * From a pod. Over HTTP, unless the service says `grpc`: JavaScript's exporter retries there, and over gRPC it drops
 * what a busy Collector refuses.
 */
function serviceOf(own: Readonly<Record<string, string>>): Record<string, string> {
  if (own.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined) return {};
  const protocol = own.OTEL_EXPORTER_OTLP_PROTOCOL ?? 'http/protobuf';
  const port = protocol === 'grpc' ? collectorPorts.otlpGrpc : collectorPorts.otlpHttp;
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${telemetryServices.collector.service}.${platformNamespace}.svc:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  };
}
