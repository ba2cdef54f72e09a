import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { CoppiceError } from '../../../core/errors.ts';

/** What a JSON file may hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * JSON with comments and commas behind the last element, as editors and agents read it, that keeps every byte beside
 * what is added. Positions come from the YAML parser: without its comments such a text is YAML, byte by byte.
 */
export class JsonText {
  readonly #text: string;
  readonly #file: string;
  readonly #root: Node | null;

  /** Throws COPPICE_FOREIGN_FILE for a text that is not such JSON; `file` is for the message. An empty text is `{}`. */
  constructor(text: string, file: string) {
    this.#text = text.trim() === '' ? '{}\n' : text;
    const document = parseDocument(blanked(this.#text));
    const [problem] = document.errors;
    if (problem !== undefined || !isMap(document.contents)) {
      const why = problem === undefined ? 'it holds no object' : (problem.message.split('\n')[0] ?? '');
      throw new CoppiceError('COPPICE_FOREIGN_FILE', `${file} is not JSON: ${why}`, {
        hint: 'correct it, then run this again; nothing was written',
      });
    }
    this.#file = file;
    this.#root = document.contents;
  }

  /** The value at a place, undefined without one. */
  at(path: readonly string[]): Json | undefined {
    return this.#nodeAt(path)?.toJSON() as Json | undefined;
  }

  /** Throws COPPICE_FOREIGN_FILE where there is another value than text, and any value at all. */
  textAt(path: readonly string[]): string | undefined {
    const node = this.#nodeAt(path);
    if (isAbsent(node)) return undefined;
    if (isScalar(node) && typeof node.value === 'string') return node.value;
    throw this.#wrongKind(node, path, 'text');
  }

  /** As {@link textAt}, for a list. */
  listAt(path: readonly string[]): readonly Json[] | undefined {
    const node = this.#nodeAt(path);
    if (isAbsent(node)) return undefined;
    if (isSeq(node)) return node.toJSON() as readonly Json[];
    throw this.#wrongKind(node, path, 'an array');
  }

  /**
   * The text with another value there; objects on the way are created. Throws COPPICE_FOREIGN_FILE where something else
   * is on the way.
   */
  with(path: readonly string[], value: Json): string {
    let map = this.#root as YAMLMap;
    for (const [depth, key] of path.entries()) {
      const inner = map.get(key, true);
      const rest = path.slice(depth + 1);
      if (inner === undefined) return this.#inserted(map, key, nested(rest, value), depth + 1);
      if (rest.length === 0) return this.#replaced(inner as Node, value, depth + 1);
      if (isAbsent(inner as Node)) return this.#replaced(inner as Node, nested(rest, value), depth + 1);
      if (!isMap(inner)) throw this.#wrongKind(inner as Node, path.slice(0, depth + 1), 'an object');
      map = inner;
    }
    return this.#text;
  }

  /** As {@link with}: one more element at the end of the list there, which is created. */
  withElement(path: readonly string[], value: Json): string {
    const node = this.#nodeAt(path);
    if (isAbsent(node)) return this.with(path, [value]);
    if (!isSeq(node)) throw this.#wrongKind(node, path, 'an array');
    const depth = path.length + 1;
    return this.#appended(node, this.#lines(value, depth), depth);
  }

  #nodeAt(path: readonly string[]): Node | undefined {
    let node: unknown = this.#root;
    for (const key of path) node = isMap(node) ? node.get(key, true) : undefined;
    return node as Node | undefined;
  }

  /** Whatever its author meant by it is not ours to replace. */
  #wrongKind(node: Node, path: readonly string[], wanted: string): CoppiceError {
    const lines = new LineCounter();
    parseDocument(blanked(this.#text), { lineCounter: lines });
    const { line, col } = lines.linePos(node.range?.[0] ?? 0);
    const place = `${this.#file}:${line}:${col}`;
    return new CoppiceError(
      'COPPICE_FOREIGN_FILE',
      `${place}: ${path.join('.')} must be ${wanted}, and is ${kindOf(node)}`,
      { hint: 'correct it, then run this again; nothing was written' },
    );
  }

  #inserted(map: YAMLMap, key: string, value: Json, depth: number): string {
    return this.#appended(map, `${JSON.stringify(key)}: ${this.#lines(value, depth)}`, depth);
  }

  /** Behind the last element, or as the only one. */
  #appended(list: Node & { readonly items: readonly unknown[] }, text: string, depth: number): string {
    const [start = 0, end = 0] = list.range ?? [];
    const last = lastNode(list.items.at(-1));
    const at = last?.range?.[1] ?? start + 1;
    const behind = blanked(this.#text).slice(at, end);
    const comma = last === undefined ? '' : behind.trimStart().startsWith(',') ? '' : ',';
    // Behind a comma that is there already, and behind a comment on its line.
    const skip = comma === '' && last !== undefined ? behind.indexOf(',') + 1 : 0;
    const lineEnd = last === undefined ? 0 : commentLength(this.#text.slice(at + skip, end));
    const head = this.#text.slice(0, at) + comma + this.#text.slice(at, at + skip + lineEnd);
    const close = this.#text.slice(at + skip + lineEnd);
    const onOwnLine = /^[ \t]*\r?\n/.test(close) ? '' : `${this.#break}${this.#indent.repeat(depth - 1)}`;
    return `${head}${this.#break}${this.#indent.repeat(depth)}${text}${onOwnLine}${close}`;
  }

  #replaced(node: Node, value: Json, depth: number): string {
    const [start = 0, end = 0] = node.range ?? [];
    return this.#text.slice(0, start) + this.#lines(value, depth) + this.#text.slice(end);
  }

  #lines(value: Json, depth: number): string {
    return JSON.stringify(value, null, this.#indent).replaceAll(
      '\n',
      `${this.#break}${this.#indent.repeat(depth)}`,
    );
  }

  get #indent(): string {
    return /\n([ \t]+)\S/.exec(this.#text)?.[1] ?? '  ';
  }

  get #break(): string {
    return this.#text.includes('\r\n') ? '\r\n' : '\n';
  }
}

function isAbsent(node: Node | undefined): node is undefined {
  return node === undefined || (isScalar(node) && node.value === null);
}

function kindOf(node: Node): string {
  if (isMap(node)) return 'an object';
  if (isSeq(node)) return 'an array';
  return isScalar(node) ? JSON.stringify(node.value) : 'something else';
}

/** A comment to the end of the line belongs to the element in front of it. */
function commentLength(text: string): number {
  return /^[ \t]*\/\/[^\r\n]*/.exec(text)?.[0].length ?? 0;
}

function lastNode(item: unknown): Node | undefined {
  const pair = item as { readonly value?: Node } | undefined;
  return pair !== undefined && 'key' in pair ? pair.value : (item as Node | undefined);
}

function nested(path: readonly string[], value: Json): Json {
  return path.reduceRight<Json>((inner, key) => ({ [key]: inner }), value);
}

/** Blanks in the place of comments and tabs outside of strings, so that every position stays. */
function blanked(text: string): string {
  return text.replace(/"(?:\\.|[^"\\])*"|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/|\t|^\uFEFF/g, (token) =>
    token.startsWith('"') ? token : token.replace(/[^\r\n]/g, ' '),
  );
}
