import { GatewayMetric, MetricLabel, SpanMetric } from '../../core/telemetry.ts';
import { grown, named, samplesNamed } from './growth.ts';
import { instantQuery, type Sample } from './metrics.ts';
import type { Asker } from './reach.ts';
import type { Period } from './traces.ts';

/** How a service did over a period. Absent is what nothing was measured of. */
export interface ServiceFigures {
  readonly service: string;
  /** Requests through the gateway; for a service without a route what its own spans served. */
  readonly requests?: number;
  /** Of the requests, those that failed: 5xx, or a span whose status is ERROR. */
  readonly failed?: number;
  /** Milliseconds. */
  readonly p50?: number;
  readonly p95?: number;
  /** Cores. */
  readonly cpu?: number;
  /** Bytes. */
  readonly memory?: number;
  readonly restarts?: number;
}

/** Requests a second follow from the period. */
export interface EnvironmentFigures {
  /** By name. */
  readonly services: readonly ServiceFigures[];
  readonly workflows?: {
    readonly completed?: number;
    readonly failed?: number;
    /** Tasks that wait for a worker. */
    readonly backlog?: number;
  };
}

/** Metrics of the kubelet, by the Collector's receiver. */
const container = {
  cpu: 'container_cpu_time_seconds_total',
  memory: 'container_memory_working_set_bytes',
  uptime: 'container_uptime_seconds_total',
} as const;

/** Kinds of spans with which a service does what somebody asked for. */
const served = 'span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"';
/** Temporal's interceptors do not say a kind. */
const temporalSpans = 'span_name=~"Run(Workflow|Activity):.*"';
const failed = 'status_code="STATUS_CODE_ERROR"';

const service = MetricLabel.service;

/** What a query is about. */
interface Scope {
  /** Matcher that every selector has. */
  readonly own: string;
  /** Length of the period. */
  readonly seconds: number;
}

interface Question<Figure extends string> {
  readonly figure: Figure;
  readonly query: (scope: Scope) => string;
}
type ServiceFigure = Exclude<keyof ServiceFigures, 'service'>;
type WorkflowFigure = keyof NonNullable<EnvironmentFigures['workflows']>;

/** Later ones of one figure hold only for services without an earlier. */
const perService: readonly Question<ServiceFigure>[] = [
  ...ofRequests(GatewayMetric, ''),
  ...ofRequests(SpanMetric, served),
  ...ofRequests(SpanMetric, temporalSpans),
  {
    figure: 'cpu',
    query: ({ own, seconds }) => `sum by (${service}) (rate(${container.cpu}{${own}}[${seconds}s]))`,
  },
  { figure: 'memory', query: ({ own }) => `sum by (${service}) (${container.memory}{${own}})` },
  {
    figure: 'restarts',
    query: ({ own, seconds }) => `sum by (${service}) (resets(${container.uptime}{${own}}[${seconds}s]))`,
  },
];

function ofRequests(
  { calls, duration }: { readonly calls: string; readonly duration: string },
  which: string,
): Question<ServiceFigure>[] {
  const all = which === '' ? '' : `,${which}`;
  const quantile =
    (share: number) =>
    ({ own, seconds }: Scope) =>
      `histogram_quantile(${share}, ${grown(`${duration}_bucket{${own}${all}}`, [service, 'le'], seconds)})`;
  return [
    { figure: 'requests', query: ({ own, seconds }) => grown(`${calls}{${own}${all}}`, [service], seconds) },
    {
      figure: 'failed',
      query: ({ own, seconds }) => grown(`${calls}{${own}${all},${failed}}`, [service], seconds),
    },
    { figure: 'p50', query: quantile(0.5) },
    { figure: 'p95', query: quantile(0.95) },
  ];
}

/** Temporal's own: https://docs.temporal.io/references/cluster-metrics */
const ofWorkflows: readonly Question<WorkflowFigure>[] = [
  { figure: 'completed', query: ({ own, seconds }) => grown(`workflow_success{${own}}`, [], seconds) },
  {
    figure: 'failed',
    query: ({ own, seconds }) =>
      grown(`{__name__=~"workflow_(failed|timeout|terminate)",${own}}`, [], seconds),
  },
  { figure: 'backlog', query: ({ own }) => `sum(approximate_backlog_count{${own}})` },
];

/** A figure of a service and one of all its workflows may have one name. */
const WORKFLOWS = 'workflows ';

/**
 * Figures of a namespace over a period, with one request: each way through the API server costs more
 * than its query. Throws what the asker throws.
 */
export async function readFigures(
  asker: Asker,
  namespace: string,
  { from, to }: Period,
): Promise<EnvironmentFigures> {
  const scope: Scope = {
    own: `${MetricLabel.namespace}=${JSON.stringify(namespace)}`,
    seconds: Math.max(1, Math.round((to - from) / 1000)),
  };
  const questions = [
    ...perService.map(({ figure, query }, place) => named(`${place} ${figure}`, query(scope))),
    ...ofWorkflows.map(({ figure, query }) => named(`${WORKFLOWS}${figure}`, query(scope))),
  ];
  const samples = await instantQuery(asker, undefined, questions.join(' or '), to);
  const workflows = workflowsIn(samples);
  return { services: byService(samples), ...(workflows && { workflows }) };
}

function workflowsIn(samples: readonly Sample[]): EnvironmentFigures['workflows'] {
  const found = ofWorkflows.flatMap(({ figure }) => {
    const [sample] = samplesNamed(samples, `${WORKFLOWS}${figure}`);
    return sample === undefined ? [] : [[figure, sample.value]];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function byService(samples: readonly Sample[]): ServiceFigures[] {
  const found = new Map<string, { service: string } & { [Name in ServiceFigure]?: number }>();
  perService.forEach(({ figure }, place) => {
    for (const { labels, value } of samplesNamed(samples, `${place} ${figure}`)) {
      const name = labels[service];
      // A quantile of no requests is NaN.
      if (name === undefined || !Number.isFinite(value)) continue;
      const figures = found.get(name) ?? { service: name };
      figures[figure] ??= value;
      found.set(name, figures);
    }
  });
  return [...found.values()].sort((one, other) => one.service.localeCompare(other.service));
}
