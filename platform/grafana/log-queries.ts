import { Attribute, MetricLabel } from '../../core/telemetry.ts';
import type { LogTarget } from './dashboards/model.ts';
import { type LogStore, logs } from './datasource-refs.ts';

/** Which lines, in words that both stores have. Every question names its namespace. */
export interface LogQuestion {
  /** A namespace, or `$ns` for that of the dashboard; with `several` an expression for more. */
  readonly namespace: string;
  readonly several?: true;
  /** Only from this severity on; 17 is ERROR. https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
  readonly severity?: number;
  /** Only those of one service. */
  readonly service?: string;
  /** Only those of one trace. */
  readonly trace?: string;
}

export const errorSeverity = 17;

/** How one of the stores is asked. */
interface Dialect {
  /** Query for lines. */
  linesOf(question: LogQuestion): string;
  /** Query for the number of lines by an attribute in each step of time. */
  countsOf(question: LogQuestion, by: CountedBy): string;
  /** What the legend calls the value of an attribute. */
  legendOf(by: CountedBy): string;
  /** What the datasource calls a query for lines, and one for numbers. */
  readonly queryType: { readonly lines: string; readonly counts: string };
}

type CountedBy = 'service' | 'namespace';

/** `{namespace="…", service="…"}` with the names of a store. */
function stream(names: Readonly<Record<CountedBy, string>>, question: LogQuestion): string {
  const { namespace, several, service } = question;
  const matchers = [
    `${names.namespace}${several ? '=~' : '='}"${namespace}"`,
    ...(service === undefined ? [] : [`${names.service}="${service}"`]),
  ];
  return `{${matchers.join(', ')}}`;
}

/** https://docs.victoriametrics.com/victorialogs/logsql/ */
const logsQl: Dialect = {
  linesOf: (question) =>
    [
      stream(Attribute, question),
      // Senders spell levels as they like: the number alone is the same for all.
      ...(question.severity === undefined ? [] : [`severity_number:>=${question.severity}`]),
      ...(question.trace === undefined ? [] : [`trace_id:="${question.trace}"`]),
    ].join(' '),
  countsOf: (question, by) => `${logsQl.linesOf(question)} | stats by ("${Attribute[by]}") count() as lines`,
  legendOf: (by) => `{{${Attribute[by]}}}`,
  queryType: { lines: 'instant', counts: 'statsRange' },
};

/** https://grafana.com/docs/loki/latest/query/ */
const logQl: Dialect = {
  linesOf: (question) =>
    [
      stream(MetricLabel, question),
      ...(question.severity === undefined ? [] : [`| severity_number >= ${question.severity}`]),
      ...(question.trace === undefined ? [] : [`| trace_id = "${question.trace}"`]),
    ].join(' '),
  countsOf: (question, by) =>
    `sum by (${MetricLabel[by]}) (count_over_time(${logQl.linesOf(question)} [$__auto]))`,
  legendOf: (by) => `{{${MetricLabel[by]}}}`,
  queryType: { lines: 'range', counts: 'range' },
};

const dialects: Readonly<Record<LogStore, Dialect>> = { victorialogs: logsQl, loki: logQl };

/** The text of the question alone, for links. */
export function lineQuery(store: LogStore, question: LogQuestion): string {
  return dialects[store].linesOf(question);
}

/** The newest lines that match. */
export function linesTarget(store: LogStore, question: LogQuestion): LogTarget {
  const { linesOf, queryType } = dialects[store];
  return {
    refId: 'A',
    datasource: logs[store],
    expr: linesOf(question),
    editorMode: 'code',
    queryType: queryType.lines,
    maxLines: 100,
  };
}

/** How many match, by service or by namespace. */
export function countsTarget(store: LogStore, question: LogQuestion, by: CountedBy): LogTarget {
  const { countsOf, legendOf, queryType } = dialects[store];
  return {
    refId: 'A',
    datasource: logs[store],
    expr: countsOf(question, by),
    legendFormat: legendOf(by),
    editorMode: 'code',
    queryType: queryType.counts,
    maxLines: 1000,
  };
}
