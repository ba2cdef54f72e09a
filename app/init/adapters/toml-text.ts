import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'smol-toml';
import { CoppiceError, messageOf } from '../../../core/errors.ts';

type Table = Readonly<Record<string, unknown>>;

/** Throws COPPICE_FOREIGN_FILE for a text that is not TOML; `file` is for the message. */
export function parseToml(text: string, file: string): Table {
  try {
    return parse(text);
  } catch (cause) {
    const why = messageOf(cause).split('\n')[0];
    throw new CoppiceError('COPPICE_FOREIGN_FILE', `${file} is not TOML: ${why}`, {
      hint: 'correct it, then run this again; nothing was written',
      cause,
    });
  }
}

export interface TomlEntry {
  /** Name of a table at the top. */
  readonly table: string;
  readonly key: string;
  readonly value: string;
}

/**
 * The text with one more key in a table, every other byte as it was; the table is created. Undefined where it is written
 * in another way than under a header of its own, so that only its author can extend it.
 */
export function withTomlKey(
  text: string,
  { table, key, value }: TomlEntry,
  file: string,
): string | undefined {
  const before = parseToml(text, file);
  const line = `${key} = ${JSON.stringify(value)}`;
  const header = new RegExp(`^[ \\t]*\\[[ \\t]*${table}[ \\t]*\\][ \\t]*(#.*)?$`, 'm').exec(text);
  const at = header === null ? 0 : header.index + header[0].length;
  const gap = text === '' || text.endsWith('\n\n') ? '' : text.endsWith('\n') ? '\n' : '\n\n';
  const after =
    header === null ? `${text}${gap}[${table}]\n${line}\n` : `${text.slice(0, at)}\n${line}${text.slice(at)}`;
  const expected = { ...before, [table]: { ...(before[table] as Table | undefined), [key]: value } };
  return isExactly(after, expected) ? after : undefined;
}

/** The text with a line at the end of a script in a multi-line string; undefined where the script is none. */
export function withScriptLine(text: string, table: string, line: string, file: string): string | undefined {
  const before = parseToml(text, file);
  const script = (before[table] as Table | undefined)?.script;
  const header = new RegExp(`^[ \\t]*\\[[ \\t]*${table}[ \\t]*\\][ \\t]*(#.*)?$`, 'm').exec(text);
  if (typeof script !== 'string' || header === null) return undefined;
  const found = /^[ \t]*script[ \t]*=[ \t]*('''|""")/m.exec(text.slice(header.index));
  if (found?.[1] === undefined) return undefined;
  const begin = header.index + found.index + found[0].length;
  const end = text.indexOf(found[1], begin);
  if (end < 0) return undefined;
  const gap = text.slice(begin, end).endsWith('\n') ? '' : '\n';
  const after = `${text.slice(0, end)}${gap}${line}\n${text.slice(end)}`;
  const expected = {
    ...before,
    [table]: { ...(before[table] as Table), script: `${script}${gap}${line}\n` },
  };
  return isExactly(after, expected) ? after : undefined;
}

function isExactly(text: string, expected: Table): boolean {
  try {
    // The parser's tables have no prototype, so both come from it.
    return isDeepStrictEqual(parse(text), parse(stringify(expected)));
  } catch {
    return false;
  }
}
