import { register } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { metrics } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { detectResources, envDetector, type Resource } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { importsModules } from './entry.ts';
import { hookedModules, instrumentations, lazyInstrumentations } from './instrumentations.ts';
import { lazily } from './lazily.ts';
import { flushAtEnd } from './terminate.ts';

/** What sends something, and can send what is left. */
interface Sender {
  forceFlush(): Promise<void>;
}

/** Whether the environment variables of the standard want a signal sent by OTLP. */
function isSent(exporter: string | undefined): boolean {
  return (exporter ?? 'otlp').split(',').some((name) => name.trim() === 'otlp');
}

function traces(resource: Resource): Sender {
  const spanProcessors = isSent(process.env.OTEL_TRACES_EXPORTER)
    ? [new BatchSpanProcessor(new OTLPTraceExporter())]
    : [];
  const provider = new NodeTracerProvider({ resource, spanProcessors });
  provider.register();
  return provider;
}

function measurements(resource: Resource): Sender[] {
  if (!isSent(process.env.OTEL_METRICS_EXPORTER)) return [];
  const exportIntervalMillis = Number(process.env.OTEL_METRIC_EXPORT_INTERVAL) || 60_000;
  const exportTimeoutMillis = Math.min(
    Number(process.env.OTEL_METRIC_EXPORT_TIMEOUT) || 30_000,
    exportIntervalMillis,
  );
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    exportIntervalMillis,
    exportTimeoutMillis,
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  return [provider];
}

const resource = detectResources({ detectors: [envDetector] });
const senders = [traces(resource), ...measurements(resource)];
registerInstrumentations({ instrumentations: instrumentations() });
lazily(lazyInstrumentations, (made) => registerInstrumentations({ instrumentations: [made] }));
if (importsModules(process.argv[1]))
  register(pathToFileURL(join(__dirname, 'hook.mjs')), { data: { include: hookedModules } });
flushAtEnd(() => Promise.all(senders.map((sender) => sender.forceFlush())));
