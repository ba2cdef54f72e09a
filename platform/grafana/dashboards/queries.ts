import { platformNamespace } from '../../../core/labels.ts';
import { MetricLabel } from '../../../core/telemetry.ts';
import { Metric, type MetricName } from './metrics.ts';
import type { Series } from './panels.ts';

/** What a dashboard shows. */
export interface Scope {
  /** The matcher that each of its selectors has: nothing is asked without a namespace. */
  readonly matcher: string;
  /** The labels that separate its series. */
  readonly by: readonly string[];
}

/** The environment `ns`, each of its services apart. */
export const oneEnvironment: Scope = {
  matcher: `${MetricLabel.namespace}="$ns"`,
  by: [MetricLabel.service],
};

/** Those that `ns` has, each as one. */
export const manyEnvironments: Scope = {
  matcher: `${MetricLabel.namespace}=~"$ns"`,
  by: [MetricLabel.namespace],
};

/** The same, each operation of a service apart. */
export const operations: Scope = { ...oneEnvironment, by: [MetricLabel.service, 'span_name'] };

/** The platform, each of its servers apart. */
export const thePlatform: Scope = {
  matcher: `${MetricLabel.namespace}="${platformNamespace}"`,
  by: [MetricLabel.service],
};

/** What all namespaces do together at a server of the platform, each apart. */
export const everyone: Scope = {
  matcher: `${MetricLabel.namespace}=~".+"`,
  by: [MetricLabel.namespace],
};

/** A query whose series are called after the label that separates them. */
export function series({ by }: Scope, expr: string): Series {
  return { expr, legend: by.map((label) => `{{${label}}}`).join(' ') };
}

function select({ matcher }: Scope, metric: MetricName, ...matchers: readonly string[]): string {
  return `${Metric[metric]}{${[matcher, ...matchers].join(', ')}}`;
}

/** Sum of a gauge. */
export function sum(scope: Scope, metric: MetricName, ...matchers: readonly string[]): string {
  return `sum by (${scope.by.join(', ')}) (${select(scope, metric, ...matchers)})`;
}

/** A second, of a counter. */
export function rate(scope: Scope, metric: MetricName, ...matchers: readonly string[]): string {
  return `sum by (${scope.by.join(', ')}) (rate(${select(scope, metric, ...matchers)}[$__rate_interval]))`;
}

const failed = 'status_code="STATUS_CODE_ERROR"';

/** A counter of requests and their histogram, and which of its series count. */
export interface RequestMetrics {
  readonly count: MetricName;
  readonly duration: MetricName;
  readonly matchers: readonly string[];
}

/** What the gateway passed on: one a request, whether the service is instrumented or not. */
const throughGateway: RequestMetrics = {
  count: 'requests',
  duration: 'requestDuration',
  matchers: [],
};

/** What instrumented services answered, to each other as well: calls that they make have spans of another kind. */
export const answered: RequestMetrics = {
  count: 'calls',
  duration: 'callDuration',
  matchers: ['span_kind="SPAN_KIND_SERVER"'],
};

/** A second. */
export function requests(scope: Scope, of: RequestMetrics = throughGateway): string {
  return rate(scope, of.count, ...of.matchers);
}

/** The share of requests that failed: 0 to 1, and 0 where none did. */
export function errorShare(scope: Scope, of: RequestMetrics = throughGateway): string {
  const all = requests(scope, of);
  return `(${rate(scope, of.count, ...of.matchers, failed)} or 0 * ${all}) / ${all}`;
}

/** Milliseconds that the given share of requests did not exceed. */
export function duration(scope: Scope, share: number, of: RequestMetrics = throughGateway): string {
  const buckets = select(scope, of.duration, ...of.matchers);
  return `histogram_quantile(${share}, sum by (le, ${scope.by.join(', ')}) (rate(${buckets}[$__rate_interval])))`;
}

/** Starts of containers after their first, in the given time: each lets the time since the start fall. */
export function restarts(scope: Scope, range: '$__range' | '$__rate_interval' = '$__rate_interval'): string {
  return `sum by (${scope.by.join(', ')}) (resets(${select(scope, 'uptime')}[${range}]))`;
}
