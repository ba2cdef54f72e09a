import { platformNamespace } from '../../core/labels.ts';
import { Attribute, MetricLabel, SpanMetric, telemetryServices } from '../../core/telemetry.ts';
import { traceUrl } from './dashboards/links.ts';
import type { DatasourceRef } from './dashboards/model.ts';
import { jaeger, type LogStore, logs, prometheus } from './datasource-refs.ts';
import { lineQuery } from './log-queries.ts';
import { loki } from './loki.ts';

/** A file of Grafana's provisioning: https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources */
export interface DatasourceFile {
  readonly apiVersion: 1;
  /** It removes those that it created and that are no longer in the file. */
  readonly prune: true;
  readonly datasources: readonly Datasource[];
}

export interface Datasource extends DatasourceRef {
  readonly name: string;
  readonly access: 'proxy';
  readonly url: string;
  readonly isDefault: boolean;
  readonly editable: false;
  readonly jsonData: object;
}

/** What Grafana asks: each store under its fixed uid, and links from each to the others. */
export function datasourceFile(store: LogStore): DatasourceFile {
  return {
    apiVersion: 1,
    prune: true,
    datasources: [prometheusSource, jaegerSource(store), logSource(store)],
  };
}

function address(service: string, port: number): string {
  return `http://${service}.${platformNamespace}.svc:${port}`;
}

const { logs: victoriaLogs, metrics, traces } = telemetryServices;
const common = { access: 'proxy', isDefault: false, editable: false } as const;

const prometheusSource: Datasource = {
  ...prometheus,
  ...common,
  name: 'Prometheus',
  url: address(metrics.service, metrics.ports.query),
  isDefault: true,
  jsonData: {
    httpMethod: 'POST',
    timeInterval: '30s',
    // A point of one request leads to its trace.
    exemplarTraceIdDestinations: [
      {
        name: 'trace_id',
        url: traceUrl('${__value.raw}', `\${__data.fields.${MetricLabel.namespace}}`),
        urlDisplayLabel: 'Open its trace',
      },
    ],
  },
};

function jaegerSource(store: LogStore): Datasource {
  return {
    ...jaeger,
    ...common,
    name: 'Jaeger',
    url: address(traces.service, traces.ports.query),
    jsonData: {
      // The namespace too, although an id is enough: what a sender wrote into another's trace stays out.
      tracesToLogsV2: {
        datasourceUid: logs[store].uid,
        spanStartTimeShift: '-5m',
        spanEndTimeShift: '5m',
        filterByTraceID: false,
        filterBySpanID: false,
        customQuery: true,
        query: lineQuery(store, { namespace: spanTag(Attribute.namespace), trace: '${__trace.traceId}' }),
      },
      tracesToMetrics: {
        datasourceUid: prometheus.uid,
        spanStartTimeShift: '-15m',
        spanEndTimeShift: '15m',
        tags: [
          { key: Attribute.namespace, value: MetricLabel.namespace },
          { key: Attribute.service, value: MetricLabel.service },
        ],
        queries: [
          {
            name: 'Calls',
            query: `sum by (span_name) (rate(${SpanMetric.calls}{$__tags}[$__rate_interval]))`,
          },
          {
            name: 'Duration',
            query: `histogram_quantile(0.95, sum by (le, span_name) (rate(${SpanMetric.duration}_bucket{$__tags}[$__rate_interval])))`,
          },
        ],
      },
      nodeGraph: { enabled: true },
    },
  };
}

function spanTag(name: string): string {
  return `\${__span.tags["${name}"]}`;
}

function logSource(store: LogStore): Datasource {
  const { service, ports } = store === 'loki' ? loki : victoriaLogs;
  return {
    ...logs[store],
    ...common,
    name: store === 'loki' ? 'Loki' : 'VictoriaLogs',
    url: address(service, ports.query),
    jsonData: {
      maxLines: '1000',
      // Which dashboard a line is on says its environment: ids of traces stand on that of one alone.
      derivedFields: [
        {
          name: 'trace',
          matcherType: 'label',
          matcherRegex: '^trace_id$',
          url: traceUrl('${__value.raw}', '${ns}'),
          urlDisplayLabel: 'Open its trace',
        },
      ],
    },
  };
}
