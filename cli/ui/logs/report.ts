import { stripVTControlCharacters } from 'node:util';
import type { LogsAnswer, LogsQuestion } from '../../../app/environments/ask-logs.ts';
import type { Target } from '../../../app/target/target.ts';
import { verbLine } from '../../../app/target/verb-line.ts';
import { environmentName, environmentOf } from '../../../core/names.ts';
import { quote } from '../../../core/shell.ts';
import { linesWithin, tokensIn } from '../../../core/text/tokens.ts';
import type { LogGroup, LogRow, StoredLine } from '../../../servers/telemetry/logs.ts';
import { clock, figure } from '../figures.ts';
import { goneMark } from '../gone.ts';
import { table } from '../table.ts';
import { oneLine, periodWords, shortId, shortLevel, totalsLine } from './words.ts';

/** Tokens of an answer that nobody asked to be longer, see core/text/tokens.ts. */
const GROUPS_TOKENS = 600;
const LINES_TOKENS = 2_000;
/** Columns of a message. */
const MESSAGE_COLUMNS = 160;

export interface Look {
  /** What was asked: the printed commands ask for the same, or for more. */
  readonly question: LogsQuestion;
  /** Without limits. */
  readonly full: boolean;
}

/** What `wt logs` says for people: totals before rows, and never silence. */
export function logsReport(answer: LogsAnswer, look: Look): string {
  const head = headOf(answer);
  if (answer.kind === 'rows') return rowsReport(head, answer.rows, look);
  if (answer.matched.total === 0) return [head, ...nextLines(insteadOf(answer, look))].join('\n');
  return answer.kind === 'groups' ? groupsReport(head, answer, look) : linesReport(head, answer, look);
}

function headOf(answer: LogsAnswer): string {
  const { name, gone, from, to, began, totals } = answer;
  const whose = name === undefined ? 'all environments' : environmentName(name.app, name.slug);
  const since = began === undefined ? '' : ` (it was created at ${clock(began.getTime(), to.getTime())})`;
  const what = `${whose}${goneMark(gone, 'logs')}  ${periodWords(from, to)}${since}`;
  if (answer.kind === 'rows' || answer.kept !== undefined)
    return `${what}  ${totalsLine(totals)}${elsewhere(answer)}`;
  const { matched } = answer;
  if (matched.total === totals.total) return `${what}  ${totalsLine(totals)}`;
  if (matched.total === 0) return `${what}  0 of ${totalsLine(totals)}`;
  const [, levels] = totalsLine(matched).split(': ');
  return `${what}  ${figure(matched.total)} of ${figure(totals.total)} lines: ${levels}`;
}

/** What a longer period has, where this one has nothing. */
function elsewhere({ kept, to }: LogsAnswer): string {
  if (kept === undefined) return '';
  const period = periodWords(kept.from, to);
  return `; ${period.startsWith('last') ? `the ${period}` : period}: ${totalsLine(kept.totals)}`;
}

/** What else to look at where there is nothing. */
function insteadOf({ totals, kept, to }: LogsAnswer, { question }: Look): string[] {
  if (kept !== undefined) return [logsLine({ ...question, since: backTo(kept.from, to) })];
  const { target, all, since } = question;
  const earlier = logsLine({ ...question, since: since === '1d' ? '7d' : '1d' });
  if (totals.total > 0) {
    const { words: _, service: _service, level: _level, trace: _trace, ...everything } = question;
    return [logsLine({ ...everything, words: [] }), earlier];
  }
  return all ? [earlier] : [verbLine('status', target), earlier];
}

/** `--since` of a period that begins no later. */
function backTo(from: Date, to: Date): string {
  const minutes = Math.max(1, Math.ceil((to.getTime() - from.getTime()) / 60_000));
  if (minutes < 120) return `${minutes}m`;
  const hours = Math.ceil(minutes / 60);
  return hours < 48 ? `${hours}h` : `${Math.ceil(hours / 24)}d`;
}

/** The command line of a question, without how its lines are shown. */
function logsLine(question: LogsQuestion, ...flags: readonly string[]): string {
  const { target, all, words, service, level, since, trace, query } = question;
  const word = (value: string) => quote(value, 'posix');
  const options = Object.entries({ service, level, since, trace, query }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, word(value)],
  );
  const asked = [...options, ...(all ? ['--all'] : []), ...flags];
  return verbLine(['logs', ...words.map(word)].join(' '), all ? {} : target, ...asked);
}

function nextLines(commands: readonly string[]): string[] {
  return commands.length === 0 ? [] : [`next: ${commands.join(' | ')}`];
}

type Groups = Extract<LogsAnswer, { readonly kind: 'groups' }>;

function groupsReport(head: string, answer: Groups, { question, full }: Look): string {
  const { groups, name, to } = answer;
  const rows = groups.map((group) => groupCells(group, { full, named: name === undefined, now: to }));
  const titles = ['n', 'level', ...(name === undefined ? ['environment'] : []), 'service', 'first', 'last'];
  const lines = table([[...titles, 'message (last one)'], ...rows], '  ').split('\n');
  const next = nextLines(afterGroups(answer, question));
  if (full) return [head, ...lines, ...next].join('\n');
  const rest = [head, ...next, moreLine(groups, 0, question)].join('\n');
  const fits = Math.max(2, linesWithin(lines, GROUPS_TOKENS - tokensIn(rest)));
  const shown = lines.slice(0, fits);
  const more = shown.length < lines.length ? [moreLine(groups, shown.length - 1, question)] : [];
  return [head, ...shown, ...more, ...next].join('\n');
}

interface Cells {
  readonly full: boolean;
  readonly named: boolean;
  readonly now: Date;
}

function groupCells(group: LogGroup, { full, named, now }: Cells): string[] {
  const { count, level, namespace, service, first, last, example, traceId } = group;
  const message = oneLine(example, full ? undefined : MESSAGE_COLUMNS);
  return [
    figure(count),
    shortLevel[level],
    ...(named ? [nameOfNamespace(namespace)] : []),
    service,
    count === 1 ? '' : clock(Date.parse(first), now.getTime()),
    clock(Date.parse(last), now.getTime()),
    traceId === undefined ? message : `${message}  trace ${shortId(traceId)}`,
  ];
}

/** `shop/main` for `wt-shop--main`; other namespaces are called what they are. */
function nameOfNamespace(namespace: string): string {
  const environment = environmentOf(namespace);
  return environment ? environmentName(environment.app, environment.slug) : namespace;
}

function moreLine(groups: readonly LogGroup[], shown: number, question: LogsQuestion): string {
  const hidden = groups.slice(shown);
  const lines = hidden.reduce((sum, { count }) => sum + count, 0);
  return `  … ${figure(hidden.length)} more patterns (${figure(lines)} lines): ${logsLine(question, '--full')}`;
}

/** Looks closer at the first problem, in the environment that has it. */
function afterGroups({ groups, text }: Groups, { all, target, since }: LogsQuestion): string[] {
  const problem =
    groups.find(({ level }) => level === 'error') ?? groups.find(({ level }) => level === 'warn');
  if (problem === undefined) return [];
  const of = ({ namespace }: LogGroup): Target =>
    all ? { environment: nameOfNamespace(namespace) } : target;
  const { service, level } = problem;
  const traced = groups.find((group) => isProblem(group) && group.traceId !== undefined);
  const words = [service, ...(text === undefined ? [] : [text])].map((word) => quote(word, 'posix'));
  const back = since === undefined ? [] : ['--since', quote(since, 'posix')];
  return [
    ...(traced?.traceId === undefined ? [] : [verbLine(`trace ${shortId(traced.traceId)}`, of(traced))]),
    verbLine(['logs', ...words].join(' '), of(problem), '--level', level, ...back, '-C', '3'),
  ];
}

function isProblem({ level }: LogGroup): boolean {
  return level === 'error' || level === 'warn';
}

type Lines = Extract<LogsAnswer, { readonly kind: 'lines' }>;

function linesReport(head: string, answer: Lines, { question, full }: Look): string {
  const { lines, name, to } = answer;
  const cells = lines.map((line) => lineCells(line, { full, named: name === undefined, now: to }));
  const rows = table(cells, '').split('\n');
  if (full) return [head, ...rows].join('\n');
  // The newest are what is asked for.
  const fits = Math.max(
    1,
    linesWithin([...rows].reverse(), LINES_TOKENS - tokensIn(head) - 40 - tokensIn(logsLine(question))),
  );
  const hidden = rows.length - fits;
  const context = question.lines?.context ?? 0;
  const flags = ['--raw', ...(context > 0 ? ['-C', String(context)] : []), '--full'];
  const more = hidden <= 0 ? [] : [`… ${figure(hidden)} earlier lines: ${logsLine(question, ...flags)}`];
  return [head, ...more, ...rows.slice(-fits)].join('\n');
}

function lineCells(line: StoredLine, { full, named, now }: Cells): string[] {
  const { time, level, namespace, service, text, traceId } = line;
  const message = full ? whole(text) : oneLine(text, MESSAGE_COLUMNS);
  return [
    clock(Date.parse(time), now.getTime()),
    shortLevel[level],
    ...(named ? [nameOfNamespace(namespace)] : []),
    service,
    traceId === undefined ? message : `${message}  trace ${shortId(traceId)}`,
  ];
}

/** All lines of a record; what a terminal would obey is left out. */
function whole(text: string): string {
  return stripVTControlCharacters(text).trimEnd().replaceAll('\r', '');
}

function rowsReport(head: string, rows: readonly LogRow[], { question, full }: Look): string {
  const lines = rows.map((row) => {
    const cells = Object.entries(row)
      .filter(([name]) => !name.startsWith('_stream'))
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const line = cells.join(' ');
    return full ? line : oneLine(line, 2 * MESSAGE_COLUMNS);
  });
  const count = `${head}\n${figure(rows.length)} ${rows.length === 1 ? 'row' : 'rows'}`;
  if (full || lines.length === 0) return [count, ...lines].join('\n');
  const fits = Math.max(
    1,
    linesWithin(lines, LINES_TOKENS - tokensIn(count) - 40 - tokensIn(logsLine(question))),
  );
  const more =
    fits < lines.length
      ? [`… ${figure(lines.length - fits)} more rows: ${logsLine(question, '--full')}`]
      : [];
  return [count, ...lines.slice(0, fits), ...more].join('\n');
}
