import type { TraceSummary } from '../../../app/telemetry/trace-summary.ts';
import type { TraceFilter, TraceList } from '../../../app/telemetry/traces.ts';
import { defined } from '../../../core/defined.ts';
import { linesWithin } from '../../../core/text/tokens.ts';
import { cutTo, onOneLine } from '../../../core/text/width.ts';
import { clock, figure, many, periodText, took } from '../figures.ts';
import { goneMark } from '../gone.ts';
import { table } from '../table.ts';
import type { TracesDocument } from './schema.ts';

export interface TracesView {
  readonly filter: TraceFilter;
  /** Rows to print at most. */
  readonly limit: number;
  /** Tokens of all rows at most. */
  readonly tokens: number;
  /** A line for the same environment: `wt trace 4bf92f35 --env feat-b`. */
  readonly line: (verb: string, ...words: readonly string[]) => string;
  readonly now: number;
}

/** Digits of an id that are printed, and accepted. */
export const ID_DIGITS = 8;
const ROOT_WIDTH = 60;

/** `340 traces, 9 with errors; p50 38 ms, p95 410 ms` and a row for each that passes the filter. */
export function tracesText(list: TraceList, view: TracesView): string {
  const rows = rowsOf(list, view);
  const fitting = Math.max(1, linesWithin(rows, view.tokens) - 1);
  const shown = Math.min(fitting, list.matching.length, view.limit);
  return [
    totals(list, view.now),
    ...matchLine(list, view.filter, shown),
    ...(shown > 0 ? rows.slice(0, shown + 1) : []),
    ...next(list, view, shown),
  ].join('\n');
}

/** Every row that the limit allows: what does not fit goes to a file. */
export function wholeTracesText(list: TraceList, view: TracesView): string {
  return tracesText(list, { ...view, tokens: Number.POSITIVE_INFINITY });
}

function rowsOf({ matching, environment }: TraceList, { limit, now }: TracesView): string[] {
  const whose = (text: string) => (environment === undefined ? [text] : []);
  const head = [...whose('environment'), 'trace', 'start', 'took', 'spans', 'errors', 'root'];
  const row = (trace: TraceSummary) => [
    ...whose(trace.environment),
    trace.id.slice(0, ID_DIGITS),
    clock(trace.start, now),
    took(trace.duration),
    figure(trace.spans),
    figure(trace.failed),
    cutTo(onOneLine(`${trace.root.service} ${trace.root.name}`), ROOT_WIDTH),
  ];
  return table([head, ...matching.slice(0, limit).map(row)]).split('\n');
}

function totals(
  { environment = 'all environments', gone, period, totals, cut }: TraceList,
  now: number,
): string {
  const { traces, failed, p50, p95 } = totals;
  const count = cut ? `more than ${many(traces, 'trace')}, of the newest` : many(traces, 'trace');
  const times = p50 === undefined || p95 === undefined ? '' : `; p50 ${took(p50)}, p95 ${took(p95)}`;
  const errors =
    traces === 0 ? '' : cut ? ` ${figure(failed)} with errors` : `, ${figure(failed)} with errors`;
  return `${environment}${goneMark(gone, 'traces')}, ${periodText(period, now)}: ${count}${errors}${times}`;
}

function matchLine({ matching, totals }: TraceList, filter: TraceFilter, shown: number): string[] {
  const asked = askedFor(filter);
  if (totals.traces === 0) return [];
  if (asked === '') return shown < matching.length ? [`the newest ${figure(shown)}:`] : [];
  const order = filter.atLeast === undefined ? 'newest' : 'slowest';
  const rest = shown < matching.length ? `; the ${order} ${figure(shown)}:` : '';
  return [`${figure(matching.length)} of ${figure(totals.traces)} ${asked}${rest}`];
}

/** `with errors, of at least 200 ms, with "orders"` */
function askedFor({ text, failed, atLeast, service }: TraceFilter): string {
  return [
    ...(failed ? ['with errors'] : []),
    ...(atLeast === undefined ? [] : [`of at least ${took(atLeast)}`]),
    ...(service === undefined ? [] : [`through ${service}`]),
    ...(text === undefined ? [] : [`with "${onOneLine(text)}"`]),
  ].join(', ');
}

function next(
  { matching, totals, environment }: TraceList,
  { line, filter }: TracesView,
  shown: number,
): string[] {
  // Those of all environments have no `--env`, nor an `--as`.
  const list = (...words: readonly string[]) =>
    environment === undefined ? ['wt traces --all', ...words].join(' ') : line('traces', ...words);
  if (totals.traces === 0)
    return [`\`wt telemetry status\` says what arrives; \`${list('--since', '1d')}\` looks further back`];
  const first = matching[0];
  if (shown === 0 || first === undefined)
    return [`\`${list()}\` lists all; \`${list('--since', '1d')}\` looks further back`];
  const id = (matching.find(({ failed }) => failed > 0) ?? first).id.slice(0, ID_DIGITS);
  const trace = environment === undefined ? `wt trace ${id} --env ${first.environment}` : line('trace', id);
  const errors = filter.failed || totals.failed === 0 ? [] : [list('--errors')];
  return [`next: ${[trace, ...errors].join(' | ')}`];
}

/** What `wt traces --json` prints. */
export function tracesDocument(list: TraceList, limit: number): TracesDocument {
  const { environment = null, gone, period, totals, cut, matching } = list;
  const rows = matching.slice(0, limit);
  return {
    schema: 1,
    environment,
    gone,
    from: new Date(period.from).toISOString(),
    to: new Date(period.to).toISOString(),
    total: totals.traces,
    failed: totals.failed,
    ...defined({ p50Ms: totals.p50, p95Ms: totals.p95 }),
    more: cut,
    matching: matching.length,
    shown: rows.length,
    traces: rows.map(({ id, environment, start, duration, spans, failed, root, services }) => ({
      id,
      environment,
      start: new Date(start).toISOString(),
      durationMs: duration,
      spans,
      failed,
      root,
      services: [...services],
    })),
  };
}
