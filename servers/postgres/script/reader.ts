import { ScriptBytes } from './bytes.ts';

/**
 * One part of a script for psql. Texts have one character for each byte (latin1), as a script may be in any encoding
 * that includes ASCII; lines count from 1.
 */
export type ScriptItem =
  /** `shape`: without comments and the contents of strings, in single spaces. */
  | { readonly kind: 'statement'; readonly line: number; readonly text: string; readonly shape: string }
  /** COPY FROM stdin. The rows must be read before the next item. */
  | {
      readonly kind: 'copy';
      readonly line: number;
      readonly text: string;
      readonly shape: string;
      readonly rows: AsyncIterable<Buffer>;
    }
  /** A command of psql, with its backslash. */
  | { readonly kind: 'command'; readonly line: number; readonly text: string }
  /** A line that is a comment, outside of statements. */
  | { readonly kind: 'comment'; readonly line: number; readonly text: string }
  /** A statement that the end of the script cut; `open`: what is missing. */
  | {
      readonly kind: 'rest';
      readonly line: number;
      readonly text: string;
      readonly shape: string;
      readonly open: string;
    };

/** Splits a script as psql does (src/fe_utils/psqlscan.l of PostgreSQL). Throws UnendedCopy. */
export async function* readScript(chunks: AsyncIterable<Buffer>): AsyncGenerator<ScriptItem> {
  const bytes = new ScriptBytes(chunks);
  const scanner = new Scanner();
  for (let line = await bytes.nextLine(); line !== undefined; line = await bytes.nextLine()) {
    const text = (bytes.line === 1 ? withoutMark(line) : line).toString('latin1');
    for (const item of scanner.read(text, bytes.line)) {
      if (item.kind === 'statement' && copyFromStdin.test(item.shape)) {
        yield { ...item, kind: 'copy', rows: bytes.rows() };
      } else yield item;
    }
  }
  const rest = scanner.rest();
  if (rest) yield rest;
}

const copyFromStdin = /^COPY\s.*\sFROM\s+STDIN\b/is;
/** Nothing needs more of a statement's shape; an INSERT of many rows has megabytes. */
const longestShape = 100_000;

function withoutMark(line: Buffer): Buffer {
  return line.subarray(0, 3).toString('hex') === 'efbbbf' ? line.subarray(3) : line;
}

const token =
  /[eE]'|'|"|\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$|--|\/\*|[;()\\]|[A-Za-z_\x80-\xff][\w$\x80-\xff]*|\d[\w$\x80-\xff]*/g;
const inEscapes = /\\[\s\S]|''|'/g;
const inComment = /\/\*|\*\//g;

/** What of a statement is open at the end of a line. */
type Open = { readonly kind: 'string' | 'name' | 'escapes' | 'comment' } | { kind: 'dollar'; tag: string };

class Scanner {
  private parts: string[] = [];
  private shapes: string[] = [];
  private shapeLength = 0;
  private line = 0;
  private open: Open | undefined;
  private comments = 0;
  private parentheses = 0;
  private blocks = 0;
  private words: string[] = [];
  /** Off in dumps of servers that had it off: a backslash then escapes in every string. */
  private standardStrings = true;

  *read(text: string, line: number): Generator<ScriptItem> {
    let at = 0;
    while (at < text.length) {
      if (this.open) {
        const end = this.endOfOpen(text, at);
        this.keep(text.slice(at, end));
        at = end;
        continue;
      }
      token.lastIndex = at;
      const found = token.exec(text);
      const begin = found?.index ?? text.length;
      this.add(text.slice(at, begin), line);
      at = begin;
      if (!found) break;
      const [word] = found;
      if (word === '--') {
        const comment = text.slice(begin);
        if (this.isEmpty) yield { kind: 'comment', line, text: comment.trimEnd() };
        else this.keep(comment);
        return this.space();
      }
      if (word === '\\' && this.isEmpty) {
        yield { kind: 'command', line, text: text.slice(begin).trimEnd() };
        return;
      }
      at = begin + word.length;
      this.begin(word, line);
      if (word === ';' && this.parentheses <= 0 && this.blocks === 0) {
        const statement = this.statement('statement');
        if (statement) yield statement;
      }
    }
  }

  rest(): ScriptItem | undefined {
    const open = this.open === undefined ? ';' : endOf(this.open);
    const statement = this.isEmpty && !this.open ? undefined : this.statement('statement');
    return statement && { ...statement, kind: 'rest', open };
  }

  private get isEmpty(): boolean {
    return this.line === 0;
  }

  /** Text that is neither string nor comment. */
  private add(text: string, line: number): void {
    if (this.isEmpty) {
      if (text.trim() === '') return;
      this.line = line;
    }
    this.keep(text);
    this.show(text);
  }

  private begin(word: string, line: number): void {
    if (word === '/*') {
      // A comment before a statement is not part of it.
      this.open = { kind: 'comment' };
      this.comments = 1;
      if (!this.isEmpty) this.keep(word);
      this.space();
      return;
    }
    this.add(word, line);
    if (word === "'") this.open = { kind: this.standardStrings ? 'string' : 'escapes' };
    else if (word === "e'" || word === "E'") this.open = { kind: 'escapes' };
    else if (word === '"') this.open = { kind: 'name' };
    else if (word.startsWith('$')) this.open = { kind: 'dollar', tag: word };
    else if (word === '(') this.parentheses += 1;
    else if (word === ')') this.parentheses -= 1;
    else this.countBlocks(word.toLowerCase());
  }

  /** The body of an SQL function may be BEGIN ATOMIC … END, with semicolons. */
  private countBlocks(word: string): void {
    if (this.words.length < 4) this.words.push(word);
    const [first, second, third, fourth] = this.words;
    const what = second === 'or' && third === 'replace' ? fourth : second;
    if (first !== 'create' || (what !== 'function' && what !== 'procedure') || this.parentheses > 0) return;
    if (word === 'begin') this.blocks += 1;
    else if (word === 'case' && this.blocks > 0) this.blocks += 1;
    else if (word === 'end' && this.blocks > 0) this.blocks -= 1;
  }

  /** Where what is open ends, in this line or a later one. */
  private endOfOpen(text: string, at: number): number {
    const { open } = this;
    if (open === undefined) return at;
    switch (open.kind) {
      case 'comment':
        return this.endOfComment(text, at);
      case 'escapes':
        return this.endOfEscapes(text, at);
      default: {
        const end = endOf(open);
        const found = text.indexOf(end, at);
        const until = found === -1 ? text.length : found + end.length;
        if (open.kind === 'name') this.show(text.slice(at, until));
        else if (found !== -1) this.show(end);
        if (found !== -1) this.open = undefined;
        return until;
      }
    }
  }

  private endOfComment(text: string, at: number): number {
    inComment.lastIndex = at;
    for (let found = inComment.exec(text); found; found = inComment.exec(text)) {
      this.comments += found[0] === '/*' ? 1 : -1;
      if (this.comments > 0) continue;
      this.open = undefined;
      return inComment.lastIndex;
    }
    return text.length;
  }

  private endOfEscapes(text: string, at: number): number {
    inEscapes.lastIndex = at;
    for (let found = inEscapes.exec(text); found; found = inEscapes.exec(text)) {
      if (found[0] !== "'") continue;
      this.open = undefined;
      this.show("'");
      return inEscapes.lastIndex;
    }
    return text.length;
  }

  private keep(text: string): void {
    if (!this.isEmpty) this.parts.push(text);
  }

  private show(text: string): void {
    if (this.shapeLength > longestShape) return;
    this.shapes.push(text);
    this.shapeLength += text.length;
  }

  private space(): void {
    if (!this.isEmpty) this.show(' ');
  }

  private statement<Kind extends string>(kind: Kind) {
    const text = this.parts.join('').trimEnd();
    const shape = this.shapes.join('').replace(/\s+/g, ' ').trim();
    const { line } = this;
    const standard = /^SET standard_conforming_strings (?:=|TO) '?(on|off)/i.exec(
      text.replace(/\s+/g, ' ').slice(0, 100),
    );
    if (standard) this.standardStrings = standard[1] === 'on';
    this.parts = [];
    this.shapes = [];
    this.shapeLength = 0;
    this.line = 0;
    this.open = undefined;
    this.parentheses = 0;
    this.blocks = 0;
    this.words = [];
    return text === ';' || text === '' ? undefined : { kind, line, text, shape };
  }
}

function endOf(open: Open): string {
  switch (open.kind) {
    case 'dollar':
      return open.tag;
    case 'name':
      return '"';
    case 'comment':
      return '*/';
    default:
      return "'";
  }
}
