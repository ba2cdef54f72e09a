import { stringify } from 'yaml';
import { platformNamespace } from '../../core/labels.ts';
import { hostOf, partFacts } from '../../core/part-facts.ts';
import { Attribute, MetricLabel, platformStream, telemetryServices } from '../../core/telemetry.ts';

/** Prometheus' configuration: https://prometheus.io/docs/prometheus/latest/configuration/configuration/ */
export interface PrometheusConfigArgs {
  /** Scraped besides what the Collector sends; none in tests. */
  readonly scrapes: readonly Scrape[];
}

/** A server of the platform that has metrics. */
export interface Scrape {
  readonly service: string;
  /** `temporal.coppice.svc:9233` */
  readonly address: string;
  /** Names that are kept, as a regular expression over the whole name. */
  readonly keep: string;
  /** Whether its label `namespace` is an environment's. */
  readonly namespaces?: true;
}

/**
 * How long the Collector's queue may wait for Prometheus: what arrives later than other samples of its series is refused,
 * with everything in its request.
 */
const LATEST = '12h';

export function prometheusFile(args: PrometheusConfigArgs): string {
  return stringify(prometheusConfig(args), { lineWidth: 0 });
}

function prometheusConfig({ scrapes }: PrometheusConfigArgs) {
  return {
    global: { scrape_interval: '30s', scrape_timeout: '5s' },
    otlp: {
      // Without the first, two environments' services of one name are one series.
      promote_resource_attributes: [Attribute.namespace, Attribute.service, Attribute.app],
    },
    storage: { tsdb: { out_of_order_time_window: LATEST } },
    scrape_configs: scrapes.map(scrapeConfig),
  };
}

function scrapeConfig({ service, address, keep, namespaces }: Scrape) {
  return {
    job_name: service,
    // A label of the server that has the name of ours becomes `exported_…`.
    honor_labels: false,
    // Otherwise a name with a dot stays one, and can only be asked for in quotes.
    metric_name_escaping_scheme: 'underscores',
    sample_limit: 20_000,
    static_configs: [
      {
        targets: [address],
        labels: {
          [MetricLabel.namespace]: platformStream,
          [MetricLabel.service]: service,
          [MetricLabel.app]: platformNamespace,
        },
      },
    ],
    metric_relabel_configs: [
      { source_labels: ['__name__'], regex: keep, action: 'keep' },
      ...(namespaces ? byNamespace : []),
    ],
  };
}

/**
 * Temporal keeps its label `namespace`, in which it writes `_` for every `-`: no name of ours has a `_` of its own. A
 * rule replaces one of them, the first; the longest name has thirty.
 */
const byNamespace = [
  // A deleted namespace was renamed to `NAME-deleted-ID`, and returns no more.
  { source_labels: ['namespace'], regex: '.*_deleted_[a-z0-9]+', action: 'drop' },
  ...[...Array(30).keys()].map(() => ({
    source_labels: ['namespace'],
    regex: '(wt[a-z0-9-]*)_(.*)',
    replacement: '$1-$2',
    target_label: 'namespace',
  })),
  {
    source_labels: ['namespace'],
    regex: '(wt-[a-z0-9-]+--[a-z0-9-]+)',
    target_label: MetricLabel.namespace,
  },
  { source_labels: ['namespace'], regex: 'wt-([a-z0-9-]+?)--.*', target_label: MetricLabel.app },
];

const { collector, logs, metrics } = telemetryServices;

/** Every server of the platform that has metrics, whether it has joined or not: one that is away costs a look-up. */
export const platformScrapes: readonly Scrape[] = [
  {
    service: collector.service,
    address: `${collector.service}.${platformNamespace}.svc:${collector.ports.metrics}`,
    keep: 'otelcol_(receiver_(accepted|refused)|exporter_(sent|send_failed|enqueue_failed|queue_(size|capacity))|processor_filter|deltatocumulative_datapoints|environment_limit_(dropped|stored)).*',
  },
  {
    service: logs.service,
    address: `${logs.service}.${platformNamespace}.svc:${logs.ports.query}`,
    keep: 'vl_(rows_(dropped|ingested)_total|data_size_bytes|storage_is_read_only|free_disk_space_bytes)',
  },
  {
    service: metrics.service,
    address: `localhost:${metrics.ports.query}`,
    keep: 'prometheus_tsdb_(head_series|storage_blocks_bytes|wal_storage_size_bytes)',
  },
  {
    service: partFacts.temporal.service,
    address: `${hostOf('temporal')}:9233`,
    keep: 'service_(requests|error_with_type|latency_(bucket|count|sum))|approximate_backlog_(count|age_seconds)|(workflow|activity)_.*|persistence_error_with_type',
    namespaces: true,
  },
];
