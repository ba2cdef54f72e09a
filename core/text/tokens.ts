/**
 * How many tokens of a language model a text has at most, near enough to keep an output short: a tokenizer's tables are
 * 2 MB, which no quick verb loads. Tried against o200k_base, of which it stays above.
 */
export function tokensIn(text: string): number {
  let tokens = 0;
  for (const [part] of text.matchAll(parts)) tokens += tokensOf(part);
  return Math.ceil(tokens);
}

/** Letters and digits, blanks, line breaks, and everything else. */
const parts = /[A-Za-z0-9]+| +|\n+|[^A-Za-z0-9 \n]+/g;
const LETTERS_OF_A_WORD = 4;
const CHARACTERS_OF_AN_ID = 1.5;

function tokensOf(part: string): number {
  if (/^[A-Za-z]+$/.test(part)) {
    const capitals = part.replace(/[a-z]/g, '').length;
    return Math.max(Math.ceil(part.length / LETTERS_OF_A_WORD), capitals);
  }
  if (/^[A-Za-z0-9]/.test(part)) return Math.ceil(part.length / CHARACTERS_OF_AN_ID);
  // A blank belongs to the word behind it; a row of them is one token.
  if (part.startsWith(' ')) return part.length > 1 ? 1 : 0;
  return part.startsWith('\n') ? 1 : Buffer.byteLength(part);
}

/** How many of the lines, from the first on, stay within so many tokens. */
export function linesWithin(lines: readonly string[], tokens: number): number {
  let left = tokens;
  const last = lines.findIndex((line) => {
    left -= tokensIn(line) + 1;
    return left < 0;
  });
  return last < 0 ? lines.length : last;
}
