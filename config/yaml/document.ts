import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from 'yaml';
import { defined } from '../../core/defined.ts';
import { messageOf } from '../../core/errors.ts';
import type { Path } from './data.ts';
import { lowerFirst, onePerLine, rangeOf, sentenceOf } from './errors.ts';
import type { Problem } from './problems.ts';

/** A mistake as a rule sees it: a path in the data. {@link YamlFile.problem} finds its place in the text. */
export interface Finding {
  readonly path: Path;
  /** Whether the key or its value is wrong. */
  readonly at: 'key' | 'value';
  /** The part of the value that is wrong, underlined alone. */
  readonly text?: string;
  readonly message: string;
  readonly hint?: string;
}

/** A parsed YAML file whose nodes still know their place in the text. */
export interface YamlFile {
  readonly file: string;
  /** Plain data; undefined when the syntax is broken. Null for an empty file. */
  readonly data: unknown;
  /** Syntax errors. Duplicate keys leave the data usable, all others do not. */
  readonly problems: readonly Problem[];
  /** How many steps of a path exist in the file; all of them if something is written exactly there. */
  depth(path: Path): number;
  /** The text of a scalar as written, for example `1.10`, which as a number would be 1.1. */
  textOf(path: Path): string | undefined;
  /** Turns a finding into a problem. A missing path is shown at its nearest existing parent. */
  problem(finding: Finding): Problem;
}

interface Place {
  readonly key: Node | undefined;
  readonly value: Node | undefined;
  readonly depth: number;
  readonly exact: boolean;
}

export function parseYaml(raw: string, file: string): YamlFile {
  const text = raw.replace(/^\uFEFF/, '');
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    stringKeys: true,
  });
  const at = (start: number, end: number, message: string, hint?: string): Problem => {
    const position = placeOf(text, lines, start, end);
    return { file, ...position, message, ...defined({ hint }) };
  };
  const errors = onePerLine([...document.errors, ...document.warnings], lines);
  const problems = errors.map((error) => at(...rangeOf(error, text), ...sentenceOf(error)));
  const usable = document.errors.every((error) => error.code === 'DUPLICATE_KEY');
  let data: unknown;
  try {
    // The default allows 100 resolutions of one alias, so a small file cannot expand without limit.
    if (usable) data = document.toJS();
  } catch (error) {
    problems.push(aliasProblem(document, messageOf(error), at));
  }
  return {
    file,
    data,
    problems,
    depth: (path) => find(document, path).depth,
    textOf: (path) => {
      const { value, exact } = find(document, path);
      return exact && isScalar(value) ? value.source : undefined;
    },
    problem: (finding) => {
      const [start, end] = range(text, find(document, finding.path), finding);
      return at(start, end, finding.message, finding.hint);
    },
  };
}

/** Goes down as far as the file does. */
function find(document: Document, path: Path): Place {
  let key: Node | undefined;
  let value = resolve(document, document.contents);
  for (const [depth, step] of path.entries()) {
    const pair = isMap(value) ? pairOf(document, value.items as Pair<Node, Node>[], step) : undefined;
    const item = isSeq(value) ? (value.items[Number(step)] as Node | undefined) : undefined;
    if (pair === undefined && item === undefined) return { key, value, depth, exact: false };
    key = pair ? pair.key : item;
    value = resolve(document, pair ? pair.value : item);
  }
  return { key, value, depth: path.length, exact: true };
}

function pairOf(
  document: Document,
  pairs: readonly Pair<Node, Node>[],
  step: string | number,
): Pair<Node, Node> | undefined {
  // Of two equal keys the last counts.
  const own = pairs.findLast((pair) => isScalar(pair.key) && String(pair.key.value) === String(step));
  if (own) return own;
  for (const merge of pairs.filter((pair) => isScalar(pair.key) && pair.key.source === '<<')) {
    const target = resolve(document, merge.value);
    const maps = isSeq(target) ? target.items.map((item) => resolve(document, item as Node)) : [target];
    for (const map of maps) {
      const found = isMap(map) ? pairOf(document, map.items as Pair<Node, Node>[], step) : undefined;
      if (found) return found;
    }
  }
  return undefined;
}

function resolve(document: Document, node: Node | null | undefined): Node | undefined {
  if (isAlias(node)) return node.resolve(document);
  return node ?? undefined;
}

function range(text: string, place: Place, finding: Finding): [number, number] {
  // A value that spans many lines is shown by its name; so is one that does not exist.
  const block = isCollection(place.value) && !place.value.flow;
  const empty = place.value?.range && place.value.range[0] === place.value.range[1];
  const useKey = finding.at === 'key' || !place.exact || block || empty || !place.value;
  const node = useKey ? (place.key ?? place.value) : place.value;
  const [start, end] = node?.range ?? [0, 0];
  if (!useKey && finding.text !== undefined) {
    const found = text.slice(start, end).indexOf(finding.text);
    if (found >= 0) return [start + found, start + found + finding.text.length];
  }
  return [start, end];
}

function placeOf(text: string, lines: LineCounter, start: number, end: number) {
  const { line, col } = lines.linePos(start);
  const from = lines.lineStarts[line - 1] ?? 0;
  const source = (text.slice(from).split('\n', 1)[0] ?? '').replace(/\r$/, '');
  // Only the first line of a value is shown. A place after the end of the line still gets a caret.
  const column = Math.min(Math.max(1, col), source.length + 1);
  const length = Math.max(1, Math.min(end, from + source.length) - start);
  return { line, column, source, length };
}

function aliasProblem(
  document: Document,
  message: string,
  at: (start: number, end: number, message: string, hint?: string) => Problem,
): Problem {
  const name = /Unresolved alias .*: (\S+)$/.exec(message)?.[1];
  if (name === undefined) return at(0, 0, lowerFirst(message));
  const node = aliasNode(document.contents, name);
  const [start, end] = node?.range ?? [0, 0];
  return at(start, end, `there is no anchor &${name} above this line`);
}

function aliasNode(node: unknown, name: string): Node | undefined {
  if (isAlias(node)) return node.source === name ? node : undefined;
  if (isMap(node)) return first(node.items.map((pair) => aliasNode(pair.value, name)));
  if (isSeq(node)) return first(node.items.map((item) => aliasNode(item, name)));
  return undefined;
}

function first<T>(values: readonly (T | undefined)[]): T | undefined {
  return values.find((value) => value !== undefined);
}
