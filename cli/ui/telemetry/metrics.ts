import type { ComparedMetrics, EnvironmentMetrics, QueryAnswer } from '../../../app/telemetry/metrics.ts';
import { defined } from '../../../core/defined.ts';
import { MetricLabel } from '../../../core/telemetry.ts';
import { size } from '../../../core/text/size.ts';
import { linesWithin } from '../../../core/text/tokens.ts';
import { cutTo, onOneLine } from '../../../core/text/width.ts';
import type { ServiceFigures } from '../../../servers/telemetry/figures.ts';
import { clock, figure, many, periodText, took } from '../figures.ts';
import { goneMark } from '../gone.ts';
import { table } from '../table.ts';
import type { MetricsDocument, QueryDocument } from './schema.ts';

export interface MetricsView {
  /** Tokens of all rows at most. */
  readonly tokens: number;
  /** A line for the same environment. */
  readonly line: (verb: string, ...words: readonly string[]) => string;
  readonly now: number;
}

interface Column {
  readonly title: string;
  /** Its value in the unit that it is compared in. */
  readonly of: (figures: ServiceFigures, seconds: number) => number | undefined;
  readonly text: (value: number) => string;
  /** `share`: by how many percent it differs; `points`: by how many points, as it is a percentage itself. */
  readonly differs: 'share' | 'points' | 'no';
}

const columns: readonly Column[] = [
  {
    title: 'requests',
    of: ({ requests }) => requests,
    text: (count) => figure(Math.round(count)),
    differs: 'no',
  },
  {
    title: '/s',
    of: ({ requests }, seconds) => (requests === undefined ? undefined : requests / seconds),
    text: (rate) => rate.toFixed(rate < 10 ? 2 : 0),
    differs: 'share',
  },
  { title: 'errors', of: errorShare, text: (share) => `${percent(share)} %`, differs: 'points' },
  { title: 'p50', of: ({ p50 }) => p50, text: took, differs: 'share' },
  { title: 'p95', of: ({ p95 }) => p95, text: took, differs: 'share' },
  {
    title: 'cpu',
    of: ({ cpu }) => (cpu === undefined ? undefined : cpu * 100),
    text: (share) => `${percent(share)} %`,
    differs: 'share',
  },
  { title: 'memory', of: ({ memory }) => memory, text: size, differs: 'share' },
  {
    title: 'restarts',
    of: ({ restarts }) => restarts,
    text: (count) => figure(Math.round(count)),
    differs: 'no',
  },
];

function errorShare({ requests, failed = 0 }: ServiceFigures): number | undefined {
  return requests === undefined || requests === 0 ? undefined : (failed / requests) * 100;
}

const percent = (share: number) => (share > 0 && share < 9.95 ? share.toFixed(1) : figure(Math.round(share)));

/** A row for each service; with another environment how far each figure is from that one's. */
export function metricsText(metrics: ComparedMetrics, view: MetricsView): string {
  const { environment, gone, figures, versus, period } = metrics;
  const rows = rowsOf(metrics);
  const fitting = Math.max(2, linesWithin(rows, view.tokens));
  const left = rows.length - Math.min(fitting, rows.length);
  const against =
    versus === undefined ? '' : `, against ${versus.environment}${goneMark(versus.gone, 'metrics')}`;
  return [
    `${environment}${goneMark(gone, 'metrics')}, ${periodText(period, view.now)}${against}: ${many(figures.services.length, 'service')}`,
    ...(figures.services.length > 0
      ? rows.slice(0, fitting)
      : ['nothing was measured; `wt telemetry status` says what arrives']),
    ...(left > 0 ? [`${many(left, 'service')} more: ${view.line('metrics', '--json')}`] : []),
    ...workflowLine(metrics),
    ...missingLine(metrics),
  ].join('\n');
}

function rowsOf({ figures, versus, period }: ComparedMetrics): string[] {
  const seconds = (period.to - period.from) / 1000;
  const others = new Map((versus?.figures.services ?? []).map((other) => [other.service, other]));
  const cells = (own: ServiceFigures) =>
    columns.map((column) =>
      cell(column, column.of(own, seconds), column.of(others.get(own.service) ?? nothing, seconds)),
    );
  const all = [
    ['service', ...columns.map(({ title }) => title)],
    ...figures.services.map((own) => [cutTo(onOneLine(own.service), 30), ...cells(own)]),
  ];
  // A column of which nothing was measured is left out.
  const used = all[0]?.map((_, at) => at === 0 || all.slice(1).some((row) => row[at] !== '-')) ?? [];
  return table(all.map((row) => row.filter((_, at) => used[at]))).split('\n');
}

const nothing: ServiceFigures = { service: '' };

function cell({ text, differs }: Column, own: number | undefined, other: number | undefined): string {
  if (own === undefined) return '-';
  if (other === undefined || differs === 'no') return text(own);
  if (differs === 'points') return `${text(own)} ${signed(own - other)}`;
  return other === 0 ? text(own) : `${text(own)} ${signed((own / other - 1) * 100)}%`;
}

function signed(difference: number): string {
  const rounded = Math.abs(difference) < 9.95 ? Number(difference.toFixed(1)) : Math.round(difference);
  return rounded < 0 ? `-${figure(-rounded)}` : `+${figure(rounded)}`;
}

function workflowLine({ figures: { workflows } }: ComparedMetrics): string[] {
  if (workflows === undefined) return [];
  const { completed, failed, backlog } = workflows;
  const parts = [
    ...(completed === undefined ? [] : [`${figure(Math.round(completed))} completed`]),
    ...(failed === undefined ? [] : [`${figure(Math.round(failed))} failed`]),
    ...(backlog === undefined ? [] : [`backlog ${figure(Math.round(backlog))}`]),
  ];
  return [`workflows: ${parts.join(', ')}`];
}

function missingLine({ figures, versus }: ComparedMetrics): string[] {
  const own = new Set(figures.services.map(({ service }) => service));
  const missing = (versus?.figures.services ?? []).filter(({ service }) => !own.has(service));
  if (versus === undefined || missing.length === 0) return [];
  return [
    `only in ${versus.environment}: ${cutTo(onOneLine(missing.map(({ service }) => service).join(', ')), 80)}`,
  ];
}

/** The answer to a query: a row for each series, with its labels and value, or its least, mean, most and last one. */
export function queryText({ environment, gone, found }: QueryAnswer, view: MetricsView): string {
  const rows = found.kind === 'instant' ? found.samples.map(sampleRow) : found.series.map(seriesRow);
  const head = found.kind === 'instant' ? ['value', 'labels'] : ['least', 'mean', 'most', 'last', 'labels'];
  const lines = table([head, ...rows]).split('\n');
  const fitting = Math.max(1, linesWithin(lines, view.tokens));
  const left = lines.length - Math.min(fitting, lines.length);
  const when = found.kind === 'instant' ? timeText(found.at, view.now) : periodText(found.period, view.now);
  return [
    `${environment}${goneMark(gone, 'metrics')}, ${when}: ${figure(rows.length)} series`,
    ...(rows.length > 0 ? lines.slice(0, fitting) : []),
    ...(left > 0 ? [`${figure(left)} more: --json, or ask for fewer (topk, sum by)`] : []),
  ].join('\n');
}

function timeText(at: number | undefined, now: number): string {
  return at === undefined ? 'now' : `at ${clock(at, now)}`;
}

const LABELS_WIDTH = 160;

function sampleRow({
  labels,
  value,
}: {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}): string[] {
  return [short(value), labelsText(labels)];
}

function seriesRow({
  labels,
  points,
}: {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [number, number])[];
}): string[] {
  const values = points.map(([, value]) => value).filter((value) => !Number.isNaN(value));
  const sum = values.reduce((total, value) => total + value, 0);
  const least = values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const most = values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
  const figures = values.length === 0 ? ['-', '-', '-'] : [least, sum / values.length, most].map(short);
  return [...figures, short(values.at(-1) ?? Number.NaN), labelsText(labels)];
}

/** The namespace is that of every row. */
function labelsText(labels: Readonly<Record<string, string>>): string {
  const { __name__: name = '', [MetricLabel.namespace]: _, ...rest } = labels;
  const pairs = Object.entries(rest).map(([label, value]) => `${label}=${value}`);
  return cutTo(onOneLine([name, ...pairs].filter((part) => part !== '').join(' ')), LABELS_WIDTH);
}

function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Number.isInteger(value) ? figure(value) : String(Number(value.toPrecision(4)));
}

/** What `wt metrics --json` prints. */
export function metricsDocument({ versus, ...own }: ComparedMetrics): MetricsDocument {
  const of = ({ figures: all, environment, gone, period: { from, to } }: EnvironmentMetrics) => ({
    environment,
    gone,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    services: all.services.map(({ service, p50, p95, cpu, memory, ...rest }) => ({
      service,
      ...rest,
      ...defined({ p50Ms: p50, p95Ms: p95, cpuCores: cpu, memoryBytes: memory }),
    })),
    ...defined({ workflows: all.workflows }),
  });
  return {
    schema: 1,
    kind: 'figures',
    ...of(own),
    ...(versus && { versus: of(versus) }),
  };
}

/** What `wt metrics --query … --json` prints. Values are texts, as JSON has no NaN. */
export function queryDocument({ environment, gone, query, found }: QueryAnswer): QueryDocument {
  const series =
    found.kind === 'instant'
      ? found.samples.map(({ labels, value }) => ({ labels, value: String(value) }))
      : found.series.map(({ labels, points }) => ({
          labels,
          points: points.map(([time, value]) => ({
            time: new Date(time).toISOString(),
            value: String(value),
          })),
        }));
  return {
    schema: 1,
    kind: 'query',
    environment,
    gone,
    query,
    total: series.length,
    shown: series.length,
    series,
  };
}
