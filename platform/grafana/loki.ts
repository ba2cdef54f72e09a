import { stringify } from 'yaml';
import { Attribute } from '../../core/telemetry.ts';

/** Where a Loki is that the datasources find. */
export const loki = { service: 'loki', ports: { query: 3100 } } as const;

/** How much it keeps, and for how long. */
export interface LokiLimits {
  readonly hours: number;
  /** A second, from all environments together. */
  readonly mebibytes: number;
}

const folder = '/loki';

/**
 * The configuration of a Loki that takes what the Collector sends: one process, files on disk.
 * https://grafana.com/docs/loki/latest/configure/
 */
function lokiConfig({ hours, mebibytes }: LokiLimits) {
  return {
    auth_enabled: false,
    server: { http_listen_port: loki.ports.query, log_level: 'warn' },
    common: {
      instance_addr: '127.0.0.1',
      path_prefix: folder,
      replication_factor: 1,
      ring: { kvstore: { store: 'inmemory' } },
      storage: {
        filesystem: { chunks_directory: `${folder}/chunks`, rules_directory: `${folder}/rules` },
      },
    },
    schema_config: {
      configs: [
        {
          from: '2024-01-01',
          store: 'tsdb',
          object_store: 'filesystem',
          schema: 'v13',
          index: { prefix: 'index_', period: '24h' },
        },
      ],
    },
    limits_config: {
      allow_structured_metadata: true,
      otlp_config: {
        resource_attributes: {
          // Its defaults make a stream of each pod and of each start of a process.
          ignore_defaults: true,
          attributes_config: [{ action: 'index_label', attributes: indexLabels }],
        },
      },
      retention_period: `${hours}h`,
      reject_old_samples_max_age: `${hours}h`,
      ingestion_rate_mb: mebibytes,
      ingestion_burst_size_mb: mebibytes * 2,
      max_line_size: '1MB',
      max_line_size_truncate: true,
      deletion_mode: 'filter-and-delete',
    },
    // Lines by their pattern.
    pattern_ingester: { enabled: true },
    compactor: {
      working_directory: `${folder}/compactor`,
      retention_enabled: true,
      delete_request_store: 'filesystem',
      // By default a request to delete waits a day, in case it is taken back.
      delete_request_cancel_period: '10m',
    },
    analytics: { reporting_enabled: false },
  };
}

/** All else is searchable as well, but makes no stream of its own. */
const indexLabels = [Attribute.namespace, Attribute.app, Attribute.service, Attribute.container];

export function lokiFile(limits: LokiLimits): string {
  return stringify(lokiConfig(limits), { lineWidth: 0 });
}
