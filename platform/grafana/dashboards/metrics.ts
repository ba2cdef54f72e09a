import { SpanMetric } from '../../../core/telemetry.ts';

/**
 * Every metric that a dashboard names, as Prometheus stores it. Tests hold the table against what the engines really
 * send and what Prometheus is told to keep, so a metric that was renamed fails there.
 */
export const Metric = {
  // Of the gateway's spans: every app has these.
  requests: 'gateway_calls_total',
  requestDuration: 'gateway_duration_milliseconds_bucket',
  // Of the spans of instrumented services.
  calls: SpanMetric.calls,
  callDuration: `${SpanMetric.duration}_bucket`,
  // Of containers, by the kubelet.
  cpu: 'container_cpu_usage',
  memory: 'container_memory_working_set_bytes',
  uptime: 'container_uptime_seconds_total',
  // Of Temporal's server.
  temporalRequests: 'service_requests',
  temporalErrors: 'service_error_with_type',
  workflowsCompleted: 'workflow_success',
  workflowsFailed: 'workflow_failed',
  workflowsTimedOut: 'workflow_timeout',
  // Of the Collector.
  acceptedSpans: 'otelcol_receiver_accepted_spans',
  acceptedPoints: 'otelcol_receiver_accepted_metric_points',
  acceptedLines: 'otelcol_receiver_accepted_log_records',
  refusedSpans: 'otelcol_receiver_refused_spans',
  refusedPoints: 'otelcol_receiver_refused_metric_points',
  refusedLines: 'otelcol_receiver_refused_log_records',
  failedSpans: 'otelcol_exporter_send_failed_spans',
  failedPoints: 'otelcol_exporter_send_failed_metric_points',
  failedLines: 'otelcol_exporter_send_failed_log_records',
  queueSize: 'otelcol_exporter_queue_size',
  queueCapacity: 'otelcol_exporter_queue_capacity',
  // Of VictoriaLogs.
  linesStored: 'vl_rows_ingested_total',
  linesDropped: 'vl_rows_dropped_total',
  logDiskUsed: 'vl_data_size_bytes',
  logDiskFree: 'vl_free_disk_space_bytes',
  logReadOnly: 'vl_storage_is_read_only',
  // Of Prometheus.
  headSeries: 'prometheus_tsdb_head_series',
  blockBytes: 'prometheus_tsdb_storage_blocks_bytes',
  walBytes: 'prometheus_tsdb_wal_storage_size_bytes',
} as const;

export type MetricName = keyof typeof Metric;
