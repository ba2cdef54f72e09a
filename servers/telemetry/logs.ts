import { Attribute } from '../../core/telemetry.ts';
import { firstLine, patternOf } from './pattern.ts';
import type { Asker } from './reach.ts';
import {
  type AskedLevel,
  type Level,
  leastSeverity,
  levelOfSeverity,
  levelOfText,
  levels,
  wordsOf,
} from './severity.ts';

/** Which lines of the store are meant. */
export interface LogFilter {
  /** Whose lines: one environment's namespace, or those of every environment. Nothing else is ever read. */
  readonly namespace: string | 'every environment';
  readonly from: Date;
  /** Now when absent. */
  readonly to?: Date;
  /** All when absent. */
  readonly services?: readonly string[];
  /** Anywhere in the message or the error that came with it, in upper or lower case. */
  readonly text?: string;
  /** This level and the weightier ones. */
  readonly level?: AskedLevel;
  /** Id of a trace, or how it begins. */
  readonly trace?: string;
}

/** How many lines there are. */
export interface LogTotals {
  readonly total: number;
  readonly byLevel: Readonly<Record<Level, number>>;
}

/** A log record. */
export interface StoredLine {
  /** RFC 3339. */
  readonly time: string;
  readonly namespace: string;
  readonly service: string;
  readonly pod?: string;
  readonly level: Level;
  /** The message, and the error that came with it. */
  readonly text: string;
  readonly traceId?: string;
  /** What else the app logged with it. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Lines that mean the same. */
export interface LogGroup {
  readonly level: Level;
  readonly namespace: string;
  readonly service: string;
  readonly pattern: string;
  readonly count: number;
  /** RFC 3339, of the first and the last of them. */
  readonly first: string;
  readonly last: string;
  /** The last of them, whole. */
  readonly example: string;
  readonly traceId?: string;
}

/** A row of an answer: every value of VictoriaLogs is text. */
export type LogRow = Readonly<Record<string, string>>;

/** Groups that a question answers at most: a service that logs random text has as many patterns as lines. */
const MOST_GROUPS = 1_000;

const query = '/select/logsql/query';

/** Totals, also of an empty answer. Throws what the asker does. */
export async function countLogs(asker: Asker, filter: LogFilter, signal?: AbortSignal): Promise<LogTotals> {
  const text = `${filterOf(filter)} | ${guess} | stats by (severity_number) count() n`;
  const rows = (await asker.lines(query, { ...confined(filter), query: text }, { signal })) as LogRow[];
  return totalsOf(rows.map((row) => [levelOf(row), Number(row.n)]));
}

/** @internal Adds up; tests pass counts of their own. */
export function totalsOf(counts: readonly (readonly [Level, number])[]): LogTotals {
  const sum = (level?: Level) =>
    counts.reduce((total, [one, n]) => total + (level === undefined || one === level ? n : 0), 0);
  const byLevel = Object.fromEntries(levels.map((level) => [level, sum(level)])) as Record<Level, number>;
  return { total: sum(), byLevel };
}

/** Lines by what they say: errors, then warnings, then the rest; in each the newest first. Throws what the asker does. */
export async function groupLogs(asker: Asker, filter: LogFilter, signal?: AbortSignal): Promise<LogGroup[]> {
  const by = ['severity_number', Attribute.namespace, Attribute.service, 'pattern'];
  const text = [
    filterOf(filter),
    guess,
    // Blank lines in front of a stack trace say nothing.
    'extract_regexp "^\\\\s*(?P<pattern>[^\\n]*)"',
    ...errorFields.map(
      (field) => `format if (${field}:* !_msg:eq_field(${field})) "<pattern>: <${field}>" as pattern`,
    ),
    'collapse_nums at pattern prettify',
    `stats by (${by.join(', ')}) count() n, min(_time) first, max(_time) last, row_max(_time, ${exampleFields.join(', ')}) example`,
    `sort by (last desc) limit ${MOST_GROUPS}`,
  ].join(' | ');
  const rows = (await asker.lines(query, { ...confined(filter), query: text }, { signal })) as LogRow[];
  return mergedGroups(rows.map(groupOf));
}

/**
 * Groups of one pattern become one: the store keeps digits inside of words, and its severities are finer than our
 * levels.
 */
export function mergedGroups(groups: readonly LogGroup[]): LogGroup[] {
  const merged = new Map<string, LogGroup>();
  for (const group of groups) {
    const key = [group.level, group.namespace, group.service, group.pattern].join('\n');
    const known = merged.get(key);
    merged.set(key, known === undefined ? group : bothOf(known, group));
  }
  return [...merged.values()].sort(
    (one, other) => weightOf(one) - weightOf(other) || compareTimes(other.last, one.last),
  );
}

function bothOf(one: LogGroup, other: LogGroup): LogGroup {
  const [older, newer] = compareTimes(one.last, other.last) < 0 ? [one, other] : [other, one];
  const { traceId = older.traceId, ...rest } = newer;
  return {
    ...rest,
    count: one.count + other.count,
    first: compareTimes(one.first, other.first) < 0 ? one.first : other.first,
    ...(traceId !== undefined && { traceId }),
  };
}

/** VictoriaLogs writes as many digits of a second as there are: `.64Z` is not before `.640123Z` as text. */
function compareTimes(one: string, other: string): number {
  return Date.parse(one) - Date.parse(other);
}

/** Information, debugging and the rest are one kind of news. */
function weightOf({ level }: LogGroup): number {
  return Math.min(levels.indexOf(level), levels.indexOf('info'));
}

/** How many lines, and how many around each. */
export interface LinesAsked {
  /** The newest of them. */
  readonly lines: number;
  /** Lines of the same stream before and after each. */
  readonly context?: number;
}

/** The newest lines, in the order of time. Throws what the asker does. */
export async function readStoredLines(
  asker: Asker,
  filter: LogFilter,
  { lines, context = 0 }: LinesAsked,
  signal?: AbortSignal,
): Promise<StoredLine[]> {
  const around = context === 0 ? '' : ` | stream_context before ${context} after ${context}`;
  const text = `${filterOf(filter)}${around} | ${guess} | sort by (_time desc) limit ${lines}`;
  const rows = (await asker.lines(query, { ...confined(filter), query: text }, { signal })) as LogRow[];
  return rows
    .reverse()
    .filter(({ _msg }) => context === 0 || _msg !== separator)
    .map(lineOf);
}

/** What VictoriaLogs writes between two stretches of context. */
const separator = '---';

/** Rows of a person's own LogsQL, in no order but the query's. It is confined as every question is. */
export async function queryLogs(
  asker: Asker,
  filter: Pick<LogFilter, 'namespace' | 'from' | 'to' | 'services'>,
  logsql: string,
  signal?: AbortSignal,
): Promise<LogRow[]> {
  return (await asker.lines(query, { ...confined(filter), query: logsql }, { signal })) as LogRow[];
}

/** Services that have lines there. */
export async function servicesWithLogs(
  asker: Asker,
  filter: LogFilter,
  signal?: AbortSignal,
): Promise<string[]> {
  const text = `${filterOf(filter)} | uniq by (${Attribute.service})`;
  const rows = (await asker.lines(query, { ...confined(filter), query: text }, { signal })) as LogRow[];
  return rows.flatMap((row) => row[Attribute.service] ?? []).sort();
}

function lineOf(row: LogRow): StoredLine {
  const { _time: time = '', trace_id: traceId } = row;
  const pod = row[Attribute.pod];
  return {
    time,
    namespace: row[Attribute.namespace] ?? '',
    service: row[Attribute.service] ?? '',
    ...(pod !== undefined && { pod }),
    level: levelOf(row),
    text: textOf(row),
    ...(traceId !== undefined && { traceId }),
    fields: Object.fromEntries(Object.entries(row).filter(([name]) => !isOurs(name))),
  };
}

/** What stands in a line already, or comes from the Collector and says nothing new. */
function isOurs(name: string): boolean {
  return /^(_|k8s\.|coppice\.|service\.|scope\.|severity_|trace_id$|span_id$|flags$)/.test(name);
}

function groupOf(row: LogRow): LogGroup {
  const example = JSON.parse(row.example ?? '{}') as LogRow;
  const { trace_id: traceId } = example;
  return {
    level: levelOf({ ...row, ...(example._msg !== undefined && { _msg: example._msg }) }),
    namespace: row[Attribute.namespace] ?? '',
    service: row[Attribute.service] ?? '',
    pattern: patternOf(row.pattern ?? ''),
    count: Number(row.n),
    first: row.first ?? '',
    last: row.last ?? '',
    example: textOf(example),
    ...(traceId !== undefined && { traceId }),
  };
}

function levelOf({ severity_number: severity, _msg }: LogRow): Level {
  return levelOfSeverity(Number(severity ?? 0)) ?? (_msg === undefined ? 'other' : levelOfText(_msg));
}

/** The message with the error that a logger wrote beside it: pino's `request failed` alone says nothing. */
function textOf(row: LogRow): string {
  const { _msg: message = '' } = row;
  const error = errorFields.map((field) => row[field]).find((one) => one !== undefined && one !== '');
  if (error === undefined || message.includes(error)) return message;
  const [head, ...rest] = message.split('\n');
  return [head === '' ? firstLine(error) : `${head}: ${error}`, ...rest].join('\n');
}

/** Where loggers put the words of an error. */
const errorFields = ['err.message', 'error.message', 'exception.message'] as const;
const exampleFields = ['_msg', 'trace_id', ...errorFields];
/** Fields that a text is searched in: `err*` is every field of that beginning. */
const searched = ['_msg', 'err*', 'exception*', 'stack*', 'req.*', 'url*', 'http*'];

const unknownSeverity = 'severity_number:in("0","")';
/** Gives lines without a level the one that their words say, so that they count with the others. */
const guess = [
  `format if (${unknownSeverity} _msg:~${quoted(wordsOf.error)}) "${leastSeverity.error}" as severity_number`,
  `format if (${unknownSeverity} _msg:~${quoted(wordsOf.warn)}) "${leastSeverity.warn}" as severity_number`,
].join(' | ');

/**
 * Confines a question, whatever its text is: VictoriaLogs puts these filters on every part of a query, subqueries
 * included. https://docs.victoriametrics.com/victorialogs/querying/#extra-filters
 */
function confined({ namespace, from, to, services }: LogFilter) {
  const whose = namespace === 'every environment' ? '=~"^wt-.+"' : `=${quoted(namespace)}`;
  const which =
    services === undefined
      ? ''
      : `,${Attribute.service}=~${quoted(`^(${services.map(literally).join('|')})$`)}`;
  return {
    extra_stream_filters: `{${Attribute.namespace}${whose}${which}}`,
    start: from.toISOString(),
    ...(to && { end: to.toISOString() }),
  };
}

function filterOf({ text, level, trace }: LogFilter): string {
  const parts = [
    ...(text === undefined ? [] : [textFilter(text)]),
    ...(level === undefined ? [] : [levelFilter(level)]),
    ...(trace === undefined ? [] : [`trace_id:=${quoted(trace.toLowerCase())}*`]),
  ];
  return parts.length === 0 ? '*' : parts.join(' ');
}

function textFilter(text: string): string {
  const pattern = quoted(`(?i)${literally(text)}`);
  return `(${searched.map((field) => `${field}:~${pattern}`).join(' or ')})`;
}

function levelFilter(level: AskedLevel): string {
  const named = `severity_number:>=${leastSeverity[level]}`;
  if (level === 'info' || level === 'debug') return `(${named} or ${unknownSeverity})`;
  const words = level === 'error' ? wordsOf.error : `${wordsOf.error}|${wordsOf.warn}`;
  return `(${named} or (${unknownSeverity} _msg:~${quoted(words)}))`;
}

/** A string of LogsQL: quoted as in Go, which has all escapes of JSON but one. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('\\/', '/');
}

/** A text as a regular expression of RE2 that matches it alone. */
function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
