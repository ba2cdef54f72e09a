import { isAscii, isUtf8 } from 'node:buffer';
import { DatabaseError } from 'pg';
import type { Server } from '../connection/server.ts';
import { UnendedCopy } from './bytes.ts';
import { type Encoding, encodingNamed, encodingSet, utf8 } from './encoding.ts';
import type { ScriptItem } from './reader.ts';

type Statement = Extract<ScriptItem, { kind: 'statement' | 'rest' }>;
type Copy = Extract<ScriptItem, { kind: 'copy' }>;

/** Why a script cannot go on, and where. */
export class ScriptFailure extends Error {
  /** From 1. */
  readonly line: number;
  /** The beginning of the statement, without values; empty where it is none. */
  readonly statement: string;
  readonly hint: string | undefined;

  constructor(
    message: string,
    { line, statement = '', hint, cause }: Partial<Omit<ScriptFailure, 'line'>> & { readonly line: number },
  ) {
    super(message, { cause });
    this.line = line;
    this.statement = statement;
    this.hint = hint;
  }
}

/** Runs the parts of a script in one session, in the encoding that the script says. Throws ScriptFailure. */
export class ScriptRun {
  private readonly session: Server;
  private encoding: Encoding = utf8;

  constructor(session: Server) {
    this.session = session;
  }

  async statement(item: Statement, text = item.text): Promise<void> {
    const named = encodingSet(item.text);
    if (named !== undefined) return this.useEncoding(named, item.line);
    const sql = await this.decoded(item, text);
    await this.session.query(sql).catch((error: unknown) => {
      throw failureOf(error, item, sql);
    });
  }

  /** Runs statements that are no queries, in one request. */
  async statements(items: readonly Statement[]): Promise<void> {
    const [first] = items;
    if (first === undefined) return;
    const texts: string[] = [];
    for (const item of items) texts.push(await this.decoded(item, item.text));
    await this.session.query(texts.join('\n')).catch((error: unknown) => {
      throw failureOf(error, ...failedOf(error, items, texts));
    });
  }

  async copy(item: Copy): Promise<void> {
    const sql = await this.decoded(item, item.text);
    await this.session.copy(this.inEncoding(sql, item), item.rows).catch((error: unknown) => {
      if (error instanceof UnendedCopy) throw unendedCopy(item);
      throw this.explained(error, item, sql);
    });
  }

  useEncoding(name: string, line: number): void {
    const encoding = encodingNamed(name);
    if (encoding === undefined)
      throw new ScriptFailure(`the encoding ${name} is not read`, {
        line,
        hint: 'write the file in UTF-8 (`pg_dump --encoding=UTF8`)',
      });
    this.encoding = encoding;
  }

  /**
   * The server decodes other encodings than UTF-8, with the tables that it has for COPY: those of JavaScript's
   * TextDecoder differ, and Node 20 takes windows-1252 for LATIN1.
   */
  private async decoded(item: Statement | Copy, text: string): Promise<string> {
    const bytes = Buffer.from(text, 'latin1');
    if (isAscii(bytes)) return text;
    const { name } = this.encoding;
    if (name === undefined) {
      if (isUtf8(bytes)) return bytes.toString('utf8');
      throw this.notText(item, 'UTF-8', linesBeforeInvalid(text));
    }
    const [row] = await this.session
      .query<{ text: string }>('SELECT pg_catalog.convert_from($1, $2) AS text', [bytes, name])
      .catch((error: unknown) => {
        if (!(error instanceof DatabaseError)) throw error;
        throw this.notText(item, name, linesBeforeBytes(bytes, error.message));
      });
    return row?.text ?? '';
  }

  private notText({ line, shape }: Statement | Copy, name: string, linesBefore: number): ScriptFailure {
    return new ScriptFailure(`this is not ${name} text`, {
      line: line + linesBefore,
      statement: headOf(shape),
      hint: this.encoding.unchecked ? ofUnchecked : ofOther,
    });
  }

  private explained(error: unknown, ...where: [Statement | Copy, string]): unknown {
    const failure = failureOf(error, ...where);
    const isText = error instanceof DatabaseError && error.code === '22021';
    if (!isText || !this.encoding.unchecked || !(failure instanceof ScriptFailure)) return failure;
    const { message, line, statement, cause } = failure;
    return new ScriptFailure(message, { line, statement, cause, hint: ofUnchecked });
  }

  /** The session itself speaks UTF-8. */
  private inEncoding(sql: string, item: Copy): string {
    const { name } = this.encoding;
    if (name === undefined) return sql;
    const plain = /\bFROM\s+STDIN\s*;$/i;
    if (plain.test(sql)) return sql.replace(/;$/, ` WITH (ENCODING '${name}');`);
    throw new ScriptFailure(`a COPY with options cannot be read in ${name}`, {
      line: item.line,
      statement: headOf(item.shape),
      hint: 'write the file in UTF-8',
    });
  }
}

/** Reads the rows of a COPY that is not run. Throws ScriptFailure. */
export async function passOver(item: Copy): Promise<void> {
  try {
    for await (const _ of item.rows);
  } catch (error) {
    throw error instanceof UnendedCopy ? unendedCopy(item) : error;
  }
}

function unendedCopy({ line, shape }: Copy): ScriptFailure {
  return new ScriptFailure('its rows have no end (a line `\\.`)', { line, statement: headOf(shape) });
}

/** What a statement does and to what, without values: a detail may contain rows. */
export function headOf(shape: string): string {
  const head = (shape.split(/\(| VALUES\b| AS\b|;/i, 1)[0] ?? '').trim();
  return head.length > 100 ? `${head.slice(0, 100)}…` : head;
}

function failureOf(error: unknown, item: Statement | Copy, sql: string): unknown {
  if (!(error instanceof DatabaseError)) return error;
  return new ScriptFailure(error.message, {
    line: item.line + linesBefore(error, sql),
    statement: headOf(item.shape),
    cause: error,
  });
}

/** Which of several statements in one request failed: the server says it only for some errors. */
function failedOf(
  error: unknown,
  items: readonly Statement[],
  texts: readonly string[],
): [Statement, string] {
  const position = error instanceof DatabaseError ? Number(error.position ?? 0) : 0;
  let end = 0;
  const at = texts.findIndex((text) => {
    end += [...text].length + 1;
    return position > 0 && position <= end;
  });
  const found = Math.max(at, 0);
  const item = items[found];
  if (item === undefined) throw new Error('no statement was run');
  if (position === 0) return [item, ''];
  // The position counts from the first statement.
  if (error instanceof DatabaseError) {
    const before = texts.slice(0, found).reduce((sum, text) => sum + [...text].length + 1, 0);
    error.position = String(position - before);
  }
  return [item, texts[found] ?? ''];
}

function linesBefore(error: DatabaseError, sql: string): number {
  // Only the number: what follows it is the row.
  const row = /^COPY .*?, line (\d+)/.exec(error.where ?? '')?.[1];
  if (row !== undefined) return sql.split('\n').length - 1 + Number(row);
  if (error.position === undefined) return 0;
  return [...sql].slice(0, Number(error.position)).filter((letter) => letter === '\n').length;
}

const ofOther =
  "save the file as UTF-8, or name its encoding in the file's first line: SET client_encoding = 'LATIN1';";
const ofUnchecked =
  "the database that was dumped has the encoding SQL_ASCII, which says nothing: name the one of its rows, as in `pg_dump --encoding=LATIN1`, or in the file's own line SET client_encoding = 'LATIN1';";

function linesBeforeInvalid(text: string): number {
  const bad = text.split('\n').findIndex((line) => !isUtf8(Buffer.from(line, 'latin1')));
  return Math.max(bad, 0);
}

/** The message of the server names the bytes that it cannot read: `… 0x81 …`. */
function linesBeforeBytes(bytes: Buffer, message: string): number {
  const named = message.match(/\b0x([0-9a-f]{2})\b/g) ?? [];
  const at = bytes.indexOf(Buffer.from(named.map((byte) => Number(byte))));
  return at <= 0 ? 0 : bytes.toString('latin1', 0, at).split('\n').length - 1;
}
