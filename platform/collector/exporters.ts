import { insertPaths, streamFields } from '../../core/telemetry.ts';

/** Addresses of the stores. */
export interface Stores {
  /** `http://victorialogs.coppice.svc:9428` */
  readonly logs: string;
  /** `http://prometheus.coppice.svc:9090` */
  readonly metrics: string;
  /** Host and port of OTLP over gRPC. */
  readonly traces: string;
}

const MIB = 1024 * 1024;

/** By default a store that is away for five minutes loses what it was sent first, and a restart all that waits. */
function kept(queueBytes: number) {
  return {
    retry_on_failure: { enabled: true, initial_interval: '1s', max_interval: '10s', max_elapsed_time: '0s' },
    sending_queue: { enabled: true, storage: 'file_storage', sizer: 'bytes', queue_size: queueBytes },
  };
}

/** Fewer, larger requests; taken from the queue, so that a killed Collector loses none of them. */
function batched(queueBytes: number) {
  const { sending_queue, ...rest } = kept(queueBytes);
  const batch = { flush_timeout: '200ms', sizer: 'bytes', min_size: MIB / 4, max_size: 2 * MIB };
  return { ...rest, sending_queue: { ...sending_queue, batch } };
}

/** Records of pods' own output, and those that SDKs send: a flood of the first leaves room for the second. */
export const logExporters = { pods: 'otlp_http/pod_logs', sdks: 'otlp_http/logs' } as const;
export const metricExporter = 'otlp_http/metrics';
export const traceExporter = 'otlp_grpc/traces';

export function exporters(stores: Stores) {
  const logs = {
    logs_endpoint: `${stores.logs}${insertPaths.logs}`,
    headers: {
      'VL-Stream-Fields': streamFields.join(','),
      'VL-Msg-Field': 'msg,message,body',
      'VL-Decolorize-Fields': '_msg',
      'VL-Ignore-Fields': 'scope.version,k8s.pod.uid,k8s.container.restart_count',
    },
  };
  return {
    [logExporters.pods]: { ...logs, ...batched(256 * MIB) },
    [logExporters.sdks]: { ...logs, ...batched(128 * MIB) },
    // Never merged: what Prometheus refuses of one sender, it refuses with the whole request.
    [metricExporter]: { metrics_endpoint: `${stores.metrics}${insertPaths.metrics}`, ...kept(64 * MIB) },
    [traceExporter]: { endpoint: stores.traces, tls: { insecure: true }, ...batched(128 * MIB) },
  };
}
