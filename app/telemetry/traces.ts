import { messageOf } from '../../core/errors.ts';
import { environmentName } from '../../core/names.ts';
import type { Asker } from '../../servers/telemetry/reach.ts';
import { type FoundTraces, type Period, searchTraces, type Trace } from '../../servers/telemetry/traces.ts';
import type { Ports } from '../ports.ts';
import { nameToLookAt, type Target } from '../target/target.ts';
import { usualPeriod } from './period.ts';
import { periodOf, presenceOf } from './presence.ts';
import { askStore } from './stores.ts';
import { mentions, summaryOf, type TraceSummary, type TraceTotals, totalsOf } from './trace-summary.ts';

/** What the traces must be like. */
export interface TraceFilter {
  /** In a name, an attribute or an event, in any case. */
  readonly text?: string | undefined;
  readonly failed: boolean;
  /** Milliseconds that the trace took at least; these come with the slowest first. */
  readonly atLeast?: number | undefined;
  readonly service?: string | undefined;
}

export interface TracesRequest extends TraceFilter {
  /** Undefined for all environments. */
  readonly target: Target | undefined;
  /** Undefined for the usual one of the environment. */
  readonly period: Period | undefined;
}

export interface TraceList {
  /** `shop/feat-b`; undefined for all. */
  readonly environment: string | undefined;
  /** It is not there any more; its traces are. */
  readonly gone: boolean;
  readonly period: Period;
  /** Of all traces of the period, whatever the filter. */
  readonly totals: TraceTotals;
  /** The totals are of the newest only: there are more. */
  readonly cut: boolean;
  /** Those that pass the filter, the newest or the slowest first. */
  readonly matching: readonly TraceSummary[];
}

/** Traces of a service that are looked at: 1,000 of twenty spans are 10 MB. */
const LOOKED_AT = 1000;

/** Throws what naming the environment and asking the store throw. */
export async function tracesOf(request: TracesRequest, ports: Ports): Promise<TraceList> {
  const { target } = request;
  const named = target && (await nameToLookAt(target, ports.cwd));
  if (named?.damage !== undefined) ports.screen.note(messageOf(named.damage));
  const now = Date.now();
  const presence = named && (await presenceOf(named.name));
  const period = request.period ?? (presence ? periodOf(presence, now) : usualPeriod(undefined, now));
  const found = await findTraces(await askStore('traces'), named?.name.namespace, { ...request, period });
  const environment = named && environmentName(named.name.app, named.name.slug);
  return { environment, gone: presence?.gone ?? false, period, ...found };
}

/** @internal Its test asks a store without a cluster. */
export async function findTraces(
  asker: Asker,
  namespace: string | undefined,
  { period, ...filter }: TraceFilter & { readonly period: Period },
): Promise<Omit<TraceList, 'environment' | 'gone' | 'period'>> {
  const all = await searchTraces(asker, namespace, { ...period, limit: LOOKED_AT });
  const older = await olderMatches(asker, namespace, { ...period, limit: LOOKED_AT }, all, filter);
  const known = new Set(all.traces.map(keyOf));
  const traces = [...all.traces, ...older.filter((trace) => !known.has(keyOf(trace)))];
  const matching = traces.filter((trace) => matches(trace, filter)).map(summaryOf);
  if (filter.atLeast !== undefined) matching.sort((one, other) => other.duration - one.duration);
  return { totals: totalsOf(all.traces.map(summaryOf)), cut: all.cut, matching };
}

/** Where the newest are not all, the store can look for what failed or was slow among the others. */
async function olderMatches(
  asker: Asker,
  namespace: string | undefined,
  search: Period & { readonly limit: number },
  { cut }: FoundTraces,
  { failed, atLeast, service }: TraceFilter,
): Promise<readonly Trace[]> {
  if (!cut || (!failed && atLeast === undefined && service === undefined)) return [];
  const { traces } = await searchTraces(asker, namespace, { ...search, failed, atLeast, service });
  return traces;
}

function keyOf({ namespace, id }: Trace): string {
  return `${namespace} ${id}`;
}

function matches(trace: Trace, { text, failed, atLeast, service }: TraceFilter): boolean {
  const { spans } = trace;
  if (service !== undefined && !spans.some((span) => span.service === service)) return false;
  if (failed && !spans.some((span) => span.failed)) return false;
  if (atLeast !== undefined && summaryOf(trace).duration < atLeast) return false;
  return text === undefined || mentions(trace, text);
}
