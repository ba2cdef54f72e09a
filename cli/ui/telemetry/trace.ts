import type { ShownTrace } from '../../../app/telemetry/trace.ts';
import { extent, summaryOf } from '../../../app/telemetry/trace-summary.ts';
import { type TreeNode, treesOf } from '../../../app/telemetry/trace-tree.ts';
import { defined } from '../../../core/defined.ts';
import { tokensIn } from '../../../core/text/tokens.ts';
import { cutTo, onOneLine } from '../../../core/text/width.ts';
import type { Span } from '../../../servers/telemetry/traces.ts';
import { clock, figure, many, took } from '../figures.ts';
import { goneMark } from '../gone.ts';
import { failureOf } from './failure.ts';
import type { TraceDocument } from './schema.ts';
import { ID_DIGITS } from './traces.ts';

export interface TraceView {
  /** Tokens of the tree at most. */
  readonly tokens: number;
  readonly now: number;
  /** Command that shows every span. */
  readonly whole: string;
}

/** One line of the tree, or a few where a span failed. */
interface Row {
  readonly lines: readonly string[];
  readonly tokens: number;
  /** Place of the row above it in the tree. */
  readonly above: number | undefined;
  /** Which rows are shown first where not all can be. */
  readonly weight: number;
  /** Spans that it stands for. */
  readonly spans: number;
}

/** Children of one kind that are one row from this many on. */
const ALIKE = 3;
const NAME_WIDTH = 70;
/** Steps of indentation at most. */
const DEPTH = 12;

/** The tree of a trace, as much of it as the tokens allow: first what failed, then the critical path, then what took long. */
export function traceText({ environment, gone, trace, lines = [] }: ShownTrace, view: TraceView): string {
  const rows = rowsOf(treesOf(trace.spans));
  const chosen = choose(rows, view.tokens);
  const shown = rows.filter((_, at) => chosen.has(at));
  const spans = shown.reduce((sum, row) => sum + row.spans, 0);
  const hidden = trace.spans.length - spans;
  return [
    heading({ environment, gone, trace }, view.now),
    ...shown.flatMap(({ lines }) => lines),
    ...(hidden > 0 ? [`${many(hidden, 'span')} more: ${view.whole}`] : []),
    ...logLines(lines),
  ].join('\n');
}

/** All of it, without an end. */
export function wholeTraceText(shown: ShownTrace, view: TraceView): string {
  return traceText(shown, { ...view, tokens: Number.POSITIVE_INFINITY });
}

const LOG_LINES = 4;
const LOG_WIDTH = 110;

/** The log lines of the trace that weigh most: the last of them, errors before the rest. */
function logLines(lines: NonNullable<ShownTrace['lines']>): string[] {
  if (lines.length === 0) return [];
  const isError = ({ level }: (typeof lines)[number]) => level === 'error';
  const errors = lines.filter(isError);
  const chosen = new Set([...lines.filter((line) => !isError(line)), ...errors].slice(-LOG_LINES));
  return [
    `${many(lines.length, 'log line')}, ${figure(errors.length)} of errors:`,
    ...lines
      .filter((line) => chosen.has(line))
      .map(({ level, service, text }) =>
        cutTo(onOneLine(`  ${level} ${service}: ${text.split('\n')[0]}`), LOG_WIDTH),
      ),
  ];
}

function heading({ environment, gone, trace }: ShownTrace, now: number): string {
  const { id, start, duration, spans, failed, services } = summaryOf(trace);
  const { foreign } = trace;
  const others = foreign === 0 ? '' : `; ${many(foreign, 'span')} of other environments not shown`;
  const names = cutTo(onOneLine(services.join(', ')), NAME_WIDTH);
  return `${id.slice(0, ID_DIGITS)} of ${environment}${goneMark(gone, 'traces')} at ${clock(start, now)}: ${took(duration)}, ${many(spans, 'span')}, ${figure(failed)} failed; ${names}${others}; * is the critical path`;
}

/** What is still to be laid out: a node, or several alike. */
interface Pending {
  readonly nodes: readonly [TreeNode, ...TreeNode[]];
  readonly above: number | undefined;
  readonly depth: number;
}

/** The rows of the trees from top to bottom. */
function rowsOf(trees: readonly TreeNode[]): Row[] {
  const rows: Row[] = [];
  const pending: Pending[] = grouped(trees, undefined, 0).reverse();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { nodes, above, depth } = next;
    const [node, ...others] = nodes;
    const lines = others.length === 0 ? linesOf(node, depth) : [alikeLine(nodes, depth)];
    const place = rows.length;
    rows.push({
      lines,
      tokens: lines.reduce((sum, line) => sum + tokensIn(line) + 1, 0),
      above,
      weight: weightOf(node, above),
      spans: nodes.reduce((sum, one) => sum + (others.length === 0 ? 1 : one.size), 0),
    });
    if (others.length === 0) pending.push(...grouped(node.children, place, depth + 1).reverse());
  }
  return rows;
}

/** Children of one service and name together, unless there is more to tell of them. */
function grouped(nodes: readonly TreeNode[], above: number | undefined, depth: number): Pending[] {
  const alike = new Map<string, [TreeNode, ...TreeNode[]]>();
  const all: [TreeNode, ...TreeNode[]][] = [];
  for (const node of nodes) {
    const key = `${node.critical} ${node.span.service} ${node.span.name}`;
    const group = isPlain(node) ? alike.get(key) : undefined;
    if (group !== undefined) {
      group.push(node);
      continue;
    }
    const alone: [TreeNode, ...TreeNode[]] = [node];
    all.push(alone);
    if (isPlain(node)) alike.set(key, alone);
  }
  return all
    .flatMap((group) => (group.length < ALIKE ? group.map((node): [TreeNode] => [node]) : [group]))
    .map((group) => ({ nodes: group, above, depth }));
}

/** Nothing in it failed, and it has no path below it: the queries of a loop may each be on the path themselves. */
function isPlain({ critical, fails, size }: TreeNode): boolean {
  return !fails && (!critical || size === 1);
}

function linesOf(node: TreeNode, depth: number): string[] {
  const { span, orphan, gaps } = node;
  const indent = '  '.repeat(Math.min(depth, DEPTH));
  const mark = node.critical ? '*' : ' ';
  const failed = span.failed ? '  FAILED' : '';
  const lost = orphan ? '  (its parent is not here)' : '';
  const origin = !node.children.some(({ fails }) => fails);
  return [
    `${mark} ${indent}${nameOf(span)}  ${took(span.duration / 1000)}${failed}${lost}`,
    ...(span.failed ? failureOf(span, origin).map((line) => `    ${indent}${line}`) : []),
    ...gaps.map((gap) => `${mark} ${indent}  (${took(gap.duration / 1000)} in which nothing below it ran)`),
  ];
}

function alikeLine(nodes: Pending['nodes'], depth: number): string {
  const durations = nodes.map(({ span }) => span.duration / 1000);
  const sum = durations.reduce((total, one) => total + one, 0);
  const longest = durations.reduce((most, one) => Math.max(most, one), 0);
  const indent = '  '.repeat(Math.min(depth, DEPTH));
  const mark = nodes[0].critical ? '*' : ' ';
  return `${mark} ${indent}${nameOf(nodes[0].span)}  ${figure(nodes.length)} times, ${took(sum)} together, longest ${took(longest)}`;
}

function nameOf({ service, name }: Span): string {
  return cutTo(onOneLine(`${service} ${name}`), NAME_WIDTH);
}

const FAILED = 4e15;
const CRITICAL = 2e15;

/** What failed is shown before the path, and that before the rest; in each the longest first, and a root before all. */
function weightOf({ span, critical }: TreeNode, above: number | undefined): number {
  if (above === undefined) return Number.POSITIVE_INFINITY;
  return (span.failed ? FAILED : critical ? CRITICAL : 0) + span.duration;
}

/** Of a row. */
const LEAST_TOKENS = 4;

/** Places of the rows to show: the weightiest with the rows above them, as far as the tokens go. */
function choose(rows: readonly Row[], tokens: number): ReadonlySet<number> {
  const chosen = new Set<number>();
  let left = tokens;
  const places = rows.map((_, place) => place);
  const weight = (place: number) => rows[place]?.weight ?? 0;
  for (const place of places.sort((one, other) => weight(other) - weight(one) || one - other)) {
    if (left < LEAST_TOKENS) break;
    const branch = branchTo(place, rows, chosen, left);
    for (const row of branch) {
      chosen.add(row);
      left -= rows[row]?.tokens ?? 0;
    }
  }
  return chosen;
}

/** The row and those above it that are not chosen yet; none when they take more than what is left. */
function branchTo(place: number, rows: readonly Row[], chosen: ReadonlySet<number>, left: number): number[] {
  const branch: number[] = [];
  let needed = 0;
  for (let at: number | undefined = place; at !== undefined && !chosen.has(at); at = rows[at]?.above) {
    needed += rows[at]?.tokens ?? 0;
    if (needed > left) return [];
    branch.push(at);
  }
  return branch;
}

/** What `wt trace ID --json` prints. */
export function traceDocument({ environment, gone, trace }: ShownTrace): TraceDocument {
  const { start, duration, failed, services } = summaryOf(trace);
  const begin = extent(trace.spans).start;
  const nodes = [...treesOf(trace.spans)];
  // The loop reaches what it appends.
  for (const { children } of nodes) for (const child of children) nodes.push(child);
  return {
    schema: 1,
    environment,
    gone,
    id: trace.id,
    start: new Date(start).toISOString(),
    durationMs: duration,
    total: trace.spans.length,
    failed,
    foreign: trace.foreign,
    services: [...services],
    shown: nodes.length,
    spans: nodes.map(({ span, critical }) => ({
      id: span.id,
      ...defined({ parent: span.parent, pod: span.pod }),
      service: span.service,
      name: span.name,
      startMs: (span.start - begin) / 1000,
      durationMs: span.duration / 1000,
      failed: span.failed,
      critical,
      ...(span.failed && { attributes: span.attributes, events: span.events.map((event) => ({ ...event })) }),
    })),
  };
}
