const { OTEL_SDK_DISABLED, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: service } = process.env;
/** As `telemetry: { instrument: [node] }` of coppice.yaml says it to every process. */
const traced = Boolean(endpoint) && OTEL_SDK_DISABLED !== 'true';

/** What carries the trace of a request into the workflow that it starts: part of the options of a client. */
export async function clientTracing() {
  if (!traced) return {};
  const { OpenTelemetryWorkflowClientInterceptor } = await import('@temporalio/interceptors-opentelemetry');
  return { interceptors: { workflow: [new OpenTelemetryWorkflowClientInterceptor()] } };
}

/**
 * What continues it in workflows and activities: part of the options of a worker. Spans of a workflow come out of
 * Temporal's sandbox, which has a tracer of its own, so they have an exporter of their own.
 */
export async function workerTracing() {
  if (!traced) return {};
  const [{ OpenTelemetryPlugin }, { OTLPTraceExporter }, { BatchSpanProcessor }, { Resource }] =
    await Promise.all([
      import('@temporalio/interceptors-opentelemetry'),
      import('@opentelemetry/exporter-trace-otlp-proto'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/resources'),
    ]);
  const spanProcessor = new BatchSpanProcessor(new OTLPTraceExporter());
  const resource = new Resource({ 'service.name': service ?? 'worker' });
  return { plugins: [new OpenTelemetryPlugin({ spanProcessor, resource })] };
}
