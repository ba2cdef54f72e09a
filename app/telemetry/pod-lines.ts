import { stripVTControlCharacters } from 'node:util';
import type { LogLine } from '../../cluster/kube/logs.ts';
import { continuation, loggerKeys } from '../../core/log-lines.ts';
import type { StoredLine } from '../../servers/telemetry/logs.ts';
import {
  type AskedLevel,
  isAtLeast,
  type Level,
  levelOfField,
  levelOfText,
} from '../../servers/telemetry/severity.ts';

/**
 * What a pod printed, for where there is no store: lines of pods as log records. A line that continues another belongs to the
 * one before it in its pod, and JSON gives level, message, error and trace, by the names that the Collector knows too.
 */
export function recordsOf(lines: readonly LogLine[], namespace: string): StoredLine[] {
  return joined(lines).map(({ service, pod, time = '', text }) => {
    const { level, message, traceId, fields } = readLine(text);
    return {
      time,
      namespace,
      service,
      pod,
      level,
      text: message,
      ...(traceId !== undefined && { traceId }),
      fields,
    };
  });
}

/** Whether a record is among the asked ones, as the store would judge. */
export function isAsked(
  { text, level, time }: StoredLine,
  asked: { readonly text?: string; readonly level?: AskedLevel; readonly from?: Date },
): boolean {
  if (asked.level !== undefined && !isAtLeast(level, asked.level)) return false;
  if (asked.from !== undefined && time !== '' && Date.parse(time) < asked.from.getTime()) return false;
  return asked.text === undefined || text.toLowerCase().includes(asked.text.toLowerCase());
}

const continues = new RegExp(continuation);

/** A stack trace is one record. */
function joined(lines: readonly LogLine[]): LogLine[] {
  const records: LogLine[] = [];
  const last = new Map<string, number>();
  for (const line of lines) {
    const process = `${line.pod}#${line.restarts}`;
    const at = last.get(process);
    const before = at === undefined ? undefined : records[at];
    if (at !== undefined && before !== undefined && continues.test(line.text)) {
      records[at] = { ...before, text: `${before.text}\n${line.text}` };
    } else {
      last.set(process, records.length);
      records.push(line);
    }
  }
  return records;
}

interface ReadLine {
  readonly level: Level;
  readonly message: string;
  readonly traceId?: string;
  readonly fields: Readonly<Record<string, string>>;
}

function readLine(text: string): ReadLine {
  const plain = stripVTControlCharacters(text);
  const object = plain.startsWith('{') ? objectIn(plain) : undefined;
  if (object !== undefined) return readObject(object, plain);
  const traceId = /\btrace_?id[=:]\s*"?([0-9a-f]{32})\b/i.exec(plain)?.[1];
  const level = levelOfText(plain);
  return { level, message: plain, ...(traceId !== undefined && { traceId }), fields: {} };
}

type LogObject = Readonly<Record<string, unknown>>;

function objectIn(text: string): LogObject | undefined {
  try {
    return JSON.parse(text) as LogObject;
  } catch {
    return undefined;
  }
}

function readObject(object: LogObject, whole: string): ReadLine {
  const message = textIn(object, ...loggerKeys.message, 'body', 'event') ?? whole;
  const error = errorIn(object);
  const traceId = textIn(object, ...loggerKeys.trace);
  const named = error === undefined || message.includes(error) ? message : `${message}: ${error}`;
  const level =
    levelOfField(loggerKeys.level.map((key) => object[key]).find((value) => value !== undefined)) ??
    levelOfText(message);
  return { level, message: named, ...(traceId !== undefined && { traceId }), fields: fieldsOf(object) };
}

function textIn(object: LogObject, ...names: readonly string[]): string | undefined {
  return names.map((name) => object[name]).find((value): value is string => typeof value === 'string');
}

/** pino writes an error as `err`, others as `error` or `exception`: an object, or its words alone. */
function errorIn(object: LogObject): string | undefined {
  const error = object.err ?? object.error ?? object.exception;
  if (typeof error === 'string') return error;
  return typeof error === 'object' && error !== null ? textIn(error as LogObject, 'message') : undefined;
}

const alreadyRead: readonly string[] = [
  ...loggerKeys.level,
  ...loggerKeys.message,
  ...loggerKeys.trace,
  ...['time', 'pid', 'hostname'],
];

function fieldsOf(object: LogObject): Record<string, string> {
  const entries = Object.entries(object).filter(([name]) => !alreadyRead.includes(name));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
