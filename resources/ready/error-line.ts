import { ownPlace } from '../../core/text/own-place.ts';

/** Lines that say where, not what: frames of stacks, and what runtimes and watchers add when a process has ended. */
const noise: readonly RegExp[] = [
  /^\s*$/,
  /^\s+at /,
  /^\s*[~^]+\s*$/,
  /^\s*[})\]]+,?;?\s*$/,
  /^Node\.js v\d/,
  /^Bun v\d/,
  /^(npm|yarn|pnpm) (ERR!|error|notice)/i,
  /^\[?nodemon\]? /,
  /^(Failed|Completed) running '/,
  /^\s*File ".*", line \d+/,
  // Frames that bundlers draw around source lines
  /^\s*(\d+\s*)?[│╭╰─┬·|]/,
  // tsc --watch: `10:17:41 AM - Found 1 error. Watching for file changes.`
  /Found \d+ errors?\. Watching for file changes/i,
  // go, air, cargo: how many errors there were, and how the compiler ended
  /^(exit status \d+|failed to build|error: could not compile|error: aborting due to)/,
  /^For more information about this error/,
  // concurrently, foreman
  /exited with (code|signal) /,
  // watchfiles
  /^\[\d\d:\d\d:\d\d\] /,
  /^INFO:? /,
];

/** `bad.ts(2,7): error TS1134: x`, `./main.go:5:2: undefined: x`: of many, the first is the cause. */
const compiler = /^\s*(\S+\(\d+,\d+\): error TS\d+: |\S+:\d+:\d+ - error TS\d+: |\S+\.go:\d+:\d+: )/;
/** `TypeError: x`, `panic: x`, `django.db.utils.OperationalError: x`. */
const named = /^\s*(⨯ )?(Uncaught )?([\w.$]*(Error|Exception)\b.*|panic: .*|fatal( error)?: .*)/i;
const likely = /\b(error|fatal|panic|exception|cannot|could not|failed|denied|refused|not found|missing)\b/i;
/** A file's place on a line of its own, as node, Python and bundlers write it before a syntax error. */
const place = /^(?:\s*File "([^"]+)", line (\d+)|(?:file:\/\/)?(\/\S+?):(\d+)(?::\d+)?(?::.*)?$)/;
/** The same below an error, as bun, rustc, Rollup and bundlers that draw frames write it. */
const placeBelow =
  /^\s*(?:at (?:file: )?|--> |╭─\[ |,-\[)(?:file:\/\/)?([^\s():[\]]+):(\d+)(?::\d+)?\s?\]?\s*$/i;
/** What concurrently and the like put in front of each line: `[0] `, `[web] `. */
const prefix = /^\[(?!nodemon)[a-z\d][\w.:-]*\] /;
// Colours and moves of a terminal.
const controls = new RegExp(`${String.fromCharCode(27)}(\\[[0-9;?]*[A-Za-z]|c)`, 'g');
/** What can follow an error and still be its trace: indented and empty lines, and Go's names of functions. */
const ofTrace = /^(\s|$|goroutine \d+ |created by |[\w./*()-]+\(.*\)$)/;
const MAX_LENGTH = 300;

/** Text without colours, as a terminal would show it. */
export function plain(line: string): string {
  return line.replace(controls, '');
}

/**
 * What a process itself said of its end: the last line that names an error, or else the last one that says anything. A
 * line that only announces what follows (`Transform failed with 1 error:`) comes with what follows, and a syntax error
 * with its file and line. Undefined when it printed nothing.
 */
export function errorLine(log: readonly string[]): string | undefined {
  const lines = log.map((line) => plain(line).replace(prefix, ''));
  const telling = lines.flatMap((line, at) => (noise.some((one) => one.test(line)) ? [] : [at]));
  const last = (pattern: RegExp) => telling.filter((at) => pattern.test(lines[at] ?? '')).at(-1);
  const at = last(named) ?? firstOfLast(compiler, lines) ?? last(likely) ?? telling.at(-1);
  if (at === undefined) return undefined;
  const text = (lines[at] ?? '').trim();
  const next = text.endsWith(':') ? telling.find((other) => other > at) : undefined;
  const whole = next === undefined ? text : `${text} ${(lines[next] ?? '').trim()}`;
  return cut(withPlace(whole, lines, at));
}

/** The same, but only of a line that names an error: a process that runs also prints what is none. */
export function namedError(log: readonly string[]): string | undefined {
  const found = errorLine(log);
  const names = log.some((line) => named.test(plain(line).replace(prefix, '')));
  return names ? found : undefined;
}

/** The first of the lines that match one after the other at the end. */
function firstOfLast(pattern: RegExp, lines: readonly string[]): number | undefined {
  let at = lines.findLastIndex((line) => pattern.test(line));
  while (at > 0 && pattern.test(lines[at - 1] ?? '')) at--;
  return at < 0 ? undefined : at;
}

function withPlace(text: string, lines: readonly string[], at: number): string {
  if (/[\w)](:|\()\d+[:,]\d+/.test(text)) return text;
  const above = /Syntax|Transform/.test(text) ? placeBefore(lines, at) : undefined;
  const below = /^error|Build failed|Pars/i.test(text) ? placeAfter(lines, at) : undefined;
  const where = above ?? below ?? placeInTrace(lines, at);
  return where === undefined || text.includes(where) ? text : `${text} (${where})`;
}

/** At most fifteen lines up: node prints the source and a caret in between. */
function placeBefore(lines: readonly string[], at: number): string | undefined {
  for (const line of lines.slice(Math.max(0, at - 15), at).reverse()) {
    const match = place.exec(line);
    if (match) return `${match[1] ?? match[3]}:${match[2] ?? match[4]}`;
  }
  return undefined;
}

/** Where the app's own code was, by the stack trace below the error, or above it in Python. */
function placeInTrace(lines: readonly string[], at: number): string | undefined {
  const end = lines.findIndex((line, other) => other > at && !ofTrace.test(line));
  const after = ownPlace(lines.slice(at + 1, end < 0 ? undefined : end));
  if (after !== undefined) return after;
  const begin = lines.slice(0, at).findLastIndex((line) => !/^\s/.test(line));
  return ownPlace(lines.slice(begin + 1, at).filter((line) => /^\s*File "/.test(line)));
}

function placeAfter(lines: readonly string[], at: number): string | undefined {
  for (const line of lines.slice(at + 1, at + 6)) {
    const match = placeBelow.exec(line);
    if (match) return `${match[1]}:${match[2]}`;
  }
  return undefined;
}

function cut(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
}
