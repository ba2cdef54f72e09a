import type { Span, Trace } from '../../servers/telemetry/traces.ts';

/** A trace in one row. */
export interface TraceSummary {
  readonly id: string;
  /** `app/slug`, or the namespace of the platform. */
  readonly environment: string;
  /** Milliseconds since 1970. */
  readonly start: number;
  /** Milliseconds from the first start to the last end. */
  readonly duration: number;
  readonly spans: number;
  readonly failed: number;
  /** The span with which it began here. */
  readonly root: { readonly service: string; readonly name: string };
  readonly services: readonly string[];
}

export function summaryOf({ id, environment, namespace, spans }: Trace): TraceSummary {
  const ids = new Set(spans.map((span) => span.id));
  const root = spans.find(({ parent }) => parent === undefined || !ids.has(parent)) ?? spans[0];
  const { start, end } = extent(spans);
  return {
    id,
    environment: environment ?? namespace,
    start: start / 1000,
    duration: (end - start) / 1000,
    spans: spans.length,
    failed: spans.filter(({ failed }) => failed).length,
    root: { service: root.service, name: root.name },
    services: [...new Set(spans.map(({ service }) => service))],
  };
}

/** First start and last end, in microseconds. */
export function extent(spans: readonly Span[]): { readonly start: number; readonly end: number } {
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const span of spans) {
    start = Math.min(start, span.start);
    end = Math.max(end, span.start + span.duration);
  }
  return { start, end };
}

/** All traces of a period, before any filter. */
export interface TraceTotals {
  readonly traces: number;
  /** Those with a span that failed. */
  readonly failed: number;
  /** Milliseconds; absent without a trace. */
  readonly p50?: number;
  readonly p95?: number;
}

export function totalsOf(traces: readonly TraceSummary[]): TraceTotals {
  const durations = traces.map(({ duration }) => duration).sort((one, other) => one - other);
  const failed = traces.filter((trace) => trace.failed > 0).length;
  if (durations.length === 0) return { traces: 0, failed };
  return { traces: traces.length, failed, p50: quantile(durations, 0.5), p95: quantile(durations, 0.95) };
}

/** The nearest rank: a value that was measured. `sorted` has at least one. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** Whether a text, in any case, is in a name, an attribute or an event of the trace, or begins its id. */
export function mentions({ id, spans }: Trace, text: string): boolean {
  const wanted = text.toLowerCase();
  const has = (one: string) => one.toLowerCase().includes(wanted);
  const inAny = (attributes: Readonly<Record<string, string>>) =>
    Object.entries(attributes).some(([key, value]) => has(key) || has(value));
  if (id.startsWith(wanted)) return true;
  return spans.some(
    ({ name, service, attributes, events }) =>
      has(name) ||
      has(service) ||
      inAny(attributes) ||
      events.some((event) => has(event.name) || inAny(event.attributes)),
  );
}
