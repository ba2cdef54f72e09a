import { stringify } from 'yaml';
import { telemetryServices } from '../../core/telemetry.ts';

/** Jaeger's configuration: https://www.jaegertracing.io/docs/latest/deployment/configuration/ */
export interface JaegerConfigArgs {
  /** Address that it listens on. */
  readonly listen: string;
  /** Folder of its data. */
  readonly folder: string;
  readonly days: number;
  readonly ports: { readonly query: number; readonly otlpGrpc: number; readonly health: number };
}

export const jaegerPorts: JaegerConfigArgs['ports'] = { ...telemetryServices.traces.ports, health: 13133 };

/** The file's text. */
export function jaegerFile(args: JaegerConfigArgs): string {
  return stringify(jaegerConfig(args), { lineWidth: 0 });
}

function jaegerConfig({ listen, folder, days, ports }: JaegerConfigArgs) {
  return {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query', 'healthcheckv2'],
      // Nothing in memory between them: what is accepted is in the store.
      pipelines: { traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter'] } },
      telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
    },
    extensions: {
      healthcheckv2: { use_v2: true, http: { endpoint: `${listen}:${ports.health}` } },
      jaeger_query: {
        storage: { traces: 'badger' },
        http: { endpoint: `${listen}:${ports.query}` },
        grpc: { endpoint: '127.0.0.1:16685' },
      },
      jaeger_storage: {
        backends: {
          badger: {
            badger: {
              directories: { keys: `${folder}/keys`, values: `${folder}/values` },
              ephemeral: false,
              ttl: { spans: `${days * 24}h` },
            },
          },
        },
      },
    },
    receivers: { otlp: { protocols: { grpc: { endpoint: `${listen}:${ports.otlpGrpc}` } } } },
    exporters: { jaeger_storage_exporter: { trace_storage: 'badger' } },
  };
}
