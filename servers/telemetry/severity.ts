/** How weighty a line is. `other`: neither its sender nor its words say. */
export type Level = 'error' | 'warn' | 'info' | 'debug' | 'other';

/** The weightiest first. */
export const levels: readonly Level[] = ['error', 'warn', 'info', 'debug', 'other'];

/** Levels that a person can ask for, with the least `severity_number` of OpenTelemetry's data model. */
export const leastSeverity = { error: 17, warn: 13, info: 9, debug: 1 } as const;

export type AskedLevel = keyof typeof leastSeverity;

/**
 * Words of a plain line that name an error, and those that name a warning. The same texts are read by JavaScript and by
 * RE2, which VictoriaLogs has: no look-around, and flags only in front.
 */
export const wordsOf = {
  error: [
    String.raw`^\s*(⨯ )?(Uncaught )?[\w.$]*(Error|Exception)\b[^\n]*`,
    String.raw`^\s*(panic|fatal( error)?|error): `,
    String.raw`\b(ERROR|FATAL|CRITICAL|PANIC)\b|\bERR!`,
    String.raw`\b(E(CONNREFUSED|CONNRESET|TIMEDOUT|ADDRINUSE|ACCES|NOENT|NOSPC|PIPE)|ENOTFOUND|EAI_AGAIN)\b`,
    String.raw`^Traceback \(most recent call last\)`,
    String.raw`\blevel=(error|fatal)\b`,
    String.raw`^\[?error\]?\b`,
  ].join('|'),
  warn: [
    String.raw`\b(WARN|WARNING)\b`,
    String.raw`^\(node:\d+\) \w*Warning: `,
    String.raw`\blevel=warn(ing)?\b`,
    String.raw`^\[?warn(ing)?\]?[: ]`,
  ].join('|'),
} as const;

const saysError = new RegExp(wordsOf.error);
const saysWarning = new RegExp(wordsOf.warn);

/** Of OpenTelemetry's `severity_number`, 1 to 24; undefined when the sender gave none. */
export function levelOfSeverity(severity: number): Level | undefined {
  if (severity >= 17) return 'error';
  if (severity >= 13) return 'warn';
  if (severity >= 9) return 'info';
  return severity >= 1 ? 'debug' : undefined;
}

/** Of a line that carries no level, by its words. */
export function levelOfText(text: string): Level {
  if (saysError.test(text)) return 'error';
  return saysWarning.test(text) ? 'warn' : 'other';
}

/** Whether a level is at least the asked one; a line of unknown weight counts as information. */
export function isAtLeast(level: Level, asked: AskedLevel): boolean {
  return levels.indexOf(level === 'other' ? 'info' : level) <= levels.indexOf(asked);
}

/** pino and bunyan write numbers, everybody else words in their own spelling. */
const numbered: readonly (readonly [least: number, level: Level])[] = [
  [50, 'error'],
  [40, 'warn'],
  [30, 'info'],
  [1, 'debug'],
];
const spelled: readonly (readonly [RegExp, Level])[] = [
  [/^(err|error|fatal|crit|critical|alert|emerg|emergency|panic|severe|e|f)$/i, 'error'],
  [/^(warn|warning|w)$/i, 'warn'],
  [/^(info|information|notice|log|i)$/i, 'info'],
  [/^(debug|trace|verbose|silly|fine|d|t)$/i, 'debug'],
];

/** Of the field `level` of a JSON line; undefined for what nobody writes. */
export function levelOfField(field: unknown): Level | undefined {
  if (typeof field === 'number') return numbered.find(([least]) => field >= least)?.[1];
  if (typeof field !== 'string') return undefined;
  return spelled.find(([pattern]) => pattern.test(field))?.[1];
}
