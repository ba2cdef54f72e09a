import { readFileSync } from 'node:fs';
import { CoppiceError, hasCode, messageOf } from '../errors.ts';
import { readIfPresent } from '../files.ts';

/** What a field of a JSON file may hold. */
type Kind = 'string' | 'number' | 'boolean' | 'object' | 'array';

/** With a question mark, the field may be absent. */
type FieldKind = Kind | `${Kind}?`;

/** What a whole file of one kind looks like, and what to do about a damaged one. */
export interface StateFile {
  /** For example `the record of the cluster`. */
  readonly what: string;
  /** The fields without which it is damaged; others may be there. */
  readonly fields: Readonly<Record<string, FieldKind>>;
  /** What follows once the damaged file is out of the way, for example "then `wt cluster start` writes it again". */
  readonly afterwards: string;
}

/** The newest `version` of a JSON file that this coppice understands; files without one are of the first. */
const VERSION = 1;

/**
 * A JSON file that only this program writes; undefined only when it does not exist. Throws COPPICE_DAMAGED with the path
 * when it is there and is not what was written: whoever took it for absent would write over it. What can be recreated at
 * no loss is read with {@link readCache}.
 */
export async function readState<T>(file: string, kind: StateFile): Promise<T | undefined> {
  let text: string | undefined;
  try {
    text = await readIfPresent(file);
  } catch (error) {
    throw damagedError(file, kind, unreadable(error), error);
  }
  return text === undefined ? undefined : parsed<T>(text, file, kind);
}

/** {@link readState} for code that cannot wait. */
export function readStateNow<T>(file: string, kind: StateFile): T | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw damagedError(file, kind, unreadable(error), error);
  }
  return parsed<T>(text, file, kind);
}

/** A JSON file that is recreated when it is missing: a damaged one counts as missing, and is written over. */
export async function readCache<T>(file: string, fields: StateFile['fields']): Promise<T | undefined> {
  try {
    return await readState<T>(file, { what: 'a cache', fields, afterwards: '' });
  } catch (error) {
    if (hasCode(error, 'COPPICE_DAMAGED')) return undefined;
    throw error;
  }
}

/** {@link readCache} for code that cannot wait. */
export function readCacheNow<T>(file: string, fields: StateFile['fields']): T | undefined {
  try {
    return readStateNow<T>(file, { what: 'a cache', fields, afterwards: '' });
  } catch (error) {
    if (hasCode(error, 'COPPICE_DAMAGED')) return undefined;
    throw error;
  }
}

function parsed<T>(text: string, file: string, kind: StateFile): T {
  const { value, problem } = parseWhole(text, kind.fields);
  if (problem !== undefined) throw damagedError(file, kind, problem);
  return value as T;
}

/** What a text holds, or why it is not a whole JSON object with these fields. */
export function parseWhole(
  text: string,
  fields: StateFile['fields'],
  newest: number = VERSION,
): { readonly value?: object; readonly problem?: string } {
  // A file that lost its blocks in a power failure keeps its length.
  if (/^[\s\0]*$/.test(text)) return { problem: 'it is empty' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const begins = text.trimStart().startsWith('{');
    return { problem: begins ? 'it is cut short or not JSON' : 'it is not JSON' };
  }
  if (kindOf(value) !== 'object') return { problem: `it holds ${article(kindOf(value))}, not an object` };
  const record = value as Readonly<Record<string, unknown>>;
  if (typeof record.version === 'number' && record.version > newest) {
    return { problem: `${newerWrote} (version ${record.version}, this one knows ${newest})` };
  }
  const wrong = Object.entries(fields).find(([name, kind]) => !fits(record[name], kind));
  return wrong === undefined
    ? { value: record }
    : { problem: `its ${wrong[0]} is not ${article(wrong[1].replace('?', ''))}` };
}

/** Whether a problem is that of a version which this program does not know yet: the file itself is whole. */
export function isOfNewer(problem: string): boolean {
  return problem.startsWith(newerWrote);
}

const newerWrote = 'a newer coppice wrote it';

function fits(field: unknown, kind: FieldKind): boolean {
  return kindOf(field) === kind.replace('?', '') || (field === undefined && kind.endsWith('?'));
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function article(kind: string): string {
  if (kind === 'null' || kind === 'undefined') return kind;
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

function unreadable(error: unknown): string {
  if (hasCode(error, 'EISDIR')) return 'it is a folder';
  return `it cannot be read: ${messageOf(error)}`;
}

function damagedError(file: string, { what, afterwards }: StateFile, problem: string, cause?: unknown) {
  return new CoppiceError('COPPICE_DAMAGED', `${what}, ${file}, is damaged: ${problem}`, {
    hint: isOfNewer(problem)
      ? 'use the newer coppice, or start from an empty data folder'
      : `restore it from a backup, or move it away (mv '${file}' '${file}.damaged'); ${afterwards}`,
    cause,
  });
}
