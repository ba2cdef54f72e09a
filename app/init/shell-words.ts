/** A word or an operator of a command line, as it is written: quotes and escapes are kept. */
export interface ShellToken {
  readonly kind: 'word' | 'operator';
  readonly text: string;
  /** Where it begins in the line. */
  readonly at: number;
}

const operator = /&&|\|\||[<>]&|>>|<<|[;&|<>()\n]/y;
const blank = /[ \t]+|\\\n/y;
/** Parts of a word, except for what has others inside. */
const plain = /\\[\s\S]|'[^']*'|[^\s'"`\\$;&|<>()]+/y;
const closers: Readonly<Record<string, string>> = { '"': '"', '`': '`', '$(': ')', '${': '}', '(': ')' };

/**
 * Splits a command line as `sh` does, and expands nothing, so that each word can be written into another line. Undefined
 * for a line that ends within quotes.
 */
export function shellTokens(line: string): readonly ShellToken[] | undefined {
  const tokens: ShellToken[] = [];
  let at = 0;
  while (at < line.length) {
    const skipped = endOf(blank, line, at);
    if (skipped !== undefined) {
      at = skipped;
      continue;
    }
    const after = endOf(operator, line, at);
    const end = after ?? endOfWord(line, at);
    if (end === undefined) return undefined;
    tokens.push({ kind: after === undefined ? 'word' : 'operator', text: line.slice(at, end), at });
    at = end;
  }
  return tokens;
}

/** Whether the shell puts something else in place of a part of it: `$HOME/x`, `"a $(b)"`, but not `'$x'`. */
export function expands(word: string): boolean {
  const live = word.replace(/\\[\s\S]|"(?:\\[\s\S]|[^"\\])*"|'[^']*'/g, (part) =>
    part.startsWith('"') ? part.replace(/\\[\s\S]/g, '') : '',
  );
  return /[$`]/.test(live);
}

function endOfWord(line: string, start: number): number | undefined {
  let at = start;
  while (at < line.length && !/[\s;&|<>()]/.test(line[at] ?? '')) {
    const end = endOfPart(line, at);
    if (end === undefined) return undefined;
    at = end;
  }
  return at;
}

function endOfPart(line: string, at: number): number | undefined {
  const opener = openerAt(line, at);
  if (opener !== undefined) return endOfNested(line, at + opener.length, opener);
  return endOf(plain, line, at) ?? (line[at] === '$' ? at + 1 : undefined);
}

/** Behind what closes it; quotes and substitutions inside have their own. */
function endOfNested(line: string, start: number, opener: string): number | undefined {
  let at = start;
  while (at < line.length) {
    if (line[at] === closers[opener]) return at + 1;
    const inner = openerInside(line, at, opener);
    const end =
      inner === undefined ? endOfLiteral(line, at, opener) : endOfNested(line, at + inner.length, inner);
    if (end === undefined) return undefined;
    at = end;
  }
  return undefined;
}

/** An apostrophe quotes in `$(…)` and is one in `"…"`. */
function endOfLiteral(line: string, at: number, within: string): number | undefined {
  if (line[at] === "'" && within !== '"' && within !== '`') return endOf(/'[^']*'/y, line, at);
  return at + (line[at] === '\\' ? 2 : 1);
}

function openerAt(line: string, at: number): string | undefined {
  return ['"', '`', '$(', '${'].find((opener) => line.startsWith(opener, at));
}

function openerInside(line: string, at: number, within: string): string | undefined {
  if (within === '`') return undefined;
  if (line[at] === '(' && within.endsWith('(')) return '(';
  return openerAt(line, at);
}

function endOf(pattern: RegExp, line: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(line) ? pattern.lastIndex : undefined;
}
