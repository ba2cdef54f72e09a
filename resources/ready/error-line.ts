/** Lines that say where, not what: frames of stacks, and what runtimes and watchers add when a process has ended. */
const noise: readonly RegExp[] = [
  /^\s*$/,
  /^\s+at /,
  /^\s*[~^]+\s*$/,
  /^\s*[})\]]+,?;?\s*$/,
  /^Node\.js v\d/,
  /^(npm|yarn|pnpm) (ERR!|error|notice)/i,
  /^\[?nodemon\]? /,
  /^(Failed|Completed) running '/,
  /^\s*File ".*", line \d+/,
];

/** `TypeError: x`, `panic: x`, `django.db.utils.OperationalError: x`. */
const named = /^\s*(Uncaught )?([\w.$]*(Error|Exception)\b.*|panic: .*|fatal( error)?: .*)/i;
const likely = /\b(error|fatal|panic|exception|cannot|could not|failed|denied|refused|not found|missing)\b/i;
/** A file's place on a line of its own, as node, Python and bundlers write it before a syntax error. */
const place = /^(?:\s*File "([^"]+)", line (\d+)|(?:file:\/\/)?(\/\S+?):(\d+)(?::\d+)?(?::.*)?$)/;
// Colours of a terminal.
const colors = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');
const MAX_LENGTH = 300;

/** Text without colours, as a terminal would show it. */
export function plain(line: string): string {
  return line.replace(colors, '');
}

/**
 * What a process itself said of its end: the last line that names an error, or else the last one that says anything.
 * A syntax error comes with its file and line. Undefined when it printed nothing.
 */
export function errorLine(log: readonly string[]): string | undefined {
  const lines = log.map(plain);
  const telling = lines.flatMap((line, at) => (noise.some((one) => one.test(line)) ? [] : [at]));
  const last = (pattern: RegExp) => telling.filter((at) => pattern.test(lines[at] ?? '')).at(-1);
  const at = last(named) ?? last(likely) ?? telling.at(-1);
  if (at === undefined) return undefined;
  const text = (lines[at] ?? '').trim();
  const where = /Syntax|Transform/.test(text) ? placeBefore(lines, at) : undefined;
  return cut(where === undefined || text.includes(where) ? text : `${text} (${where})`);
}

/** At most fifteen lines up: node prints the source and a caret in between. */
function placeBefore(lines: readonly string[], at: number): string | undefined {
  for (const line of lines.slice(Math.max(0, at - 15), at).reverse()) {
    const match = place.exec(line);
    if (match) return `${match[1] ?? match[3]}:${match[2] ?? match[4]}`;
  }
  return undefined;
}

function cut(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
}
