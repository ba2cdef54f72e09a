import { CoppiceError } from '../../core/errors.ts';
import { MetricLabel } from '../../core/telemetry.ts';
import type { Matcher } from './promql.ts';
import type { Asker, Asking } from './reach.ts';
import type { Period } from './traces.ts';

/** A series with its value at one time. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A series with its values over a period. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since 1970, and the value. */
  readonly points: readonly (readonly [time: number, value: number])[];
}

/** What Prometheus answers: https://prometheus.io/docs/prometheus/latest/querying/api/ */
interface Answer {
  readonly data?:
    | { readonly resultType: 'vector'; readonly result: readonly VectorItem[] }
    | { readonly resultType: 'matrix'; readonly result: readonly MatrixItem[] }
    | { readonly resultType: 'scalar' | 'string'; readonly result: Point };
}
type Point = readonly [seconds: number, value: string];
interface VectorItem {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: Point;
}
interface MatrixItem {
  readonly metric: Readonly<Record<string, string>>;
  readonly values?: readonly Point[];
}

function matcherOf(namespace: string): Matcher {
  return { label: MetricLabel.namespace, value: namespace };
}

/** The grammar takes 20 ms to load: only a person's query needs it. */
const loadGrammar = () => import('./promql.ts');

/**
 * The values of a query at a time, now without one, with the namespace on every selector; undefined for all
 * namespaces, and for a query of ours that has it on every selector already. Throws COPPICE_USAGE for what is no PromQL,
 * and what the asker throws.
 */
export async function instantQuery(
  asker: Asker,
  namespace: string | undefined,
  query: string,
  at?: number,
  asking?: Asking,
): Promise<Sample[]> {
  const confined =
    namespace === undefined ? query : (await loadGrammar()).confineQuery(query, matcherOf(namespace));
  const time = at === undefined ? undefined : at / 1000;
  const { data } = (await asker.json('/api/v1/query', { query: confined, time }, asking)) as Answer;
  return samplesOf(data);
}

/** The same over a period, a value each `step` milliseconds. */
export async function rangeQuery(
  asker: Asker,
  namespace: string,
  query: string,
  { from, to, step }: Period & { readonly step: number },
): Promise<Series[]> {
  const { confineQuery } = await loadGrammar();
  const { data } = (await asker.json('/api/v1/query_range', {
    query: confineQuery(query, matcherOf(namespace)),
    start: from / 1000,
    end: to / 1000,
    step: Math.max(1, Math.round(step / 1000)),
  })) as Answer;
  return data?.resultType === 'matrix' ? data.result.map(seriesOf) : [];
}

/**
 * Asks Prometheus itself how it reads a person's query once it is confined: its own parser has the last word, not ours.
 * Throws COPPICE_USAGE when a selector of it would be without the namespace, and what the asker throws.
 */
export async function requireConfined(asker: Asker, namespace: string, query: string): Promise<void> {
  const { confineQuery, isConfined } = await loadGrammar();
  const matcher = matcherOf(namespace);
  const confined = confineQuery(query, matcher);
  const { data } = (await asker.json('/api/v1/parse_query', { query: confined })) as {
    readonly data?: unknown;
  };
  if (typeof data === 'object' && data !== null && isConfined(data, matcher)) return;
  throw new CoppiceError('COPPICE_USAGE', 'this query cannot be kept to one environment', {
    hint: 'write it without comments and quoted names',
  });
}

function samplesOf(data: Answer['data']): Sample[] {
  if (data === undefined) return [];
  switch (data.resultType) {
    case 'vector':
      return data.result.flatMap(({ metric, value }) =>
        value === undefined ? [] : [{ labels: metric, value: Number(value[1]) }],
      );
    case 'matrix':
      return data.result.flatMap(({ metric, values = [] }) => {
        const last = values.at(-1);
        return last === undefined ? [] : [{ labels: metric, value: Number(last[1]) }];
      });
    default:
      return [{ labels: {}, value: Number(data.result[1]) }];
  }
}

function seriesOf({ metric, values = [] }: MatrixItem): Series {
  return { labels: metric, points: values.map(([seconds, value]) => [seconds * 1000, Number(value)]) };
}
