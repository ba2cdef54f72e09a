/** A command line of bash up to the cursor. */
export interface BashLine {
  /** The words before the one at the cursor, without quoting; the first is the program. */
  readonly words: readonly string[];
  /** The word at the cursor, without quoting. */
  readonly current: string;
  /** How much of it stays as it is: bash replaces what follows the last of its word breaks, or an open quote. */
  readonly kept: number;
  /** The quote that is open at the cursor. */
  readonly quote?: '"' | "'";
}

/** Splits as bash does, as far as a completion needs it: quotes and backslashes, no expansion. */
export function parseBashLine(line: string, wordBreaks: string): BashLine {
  const words: string[] = [];
  let current = '';
  let started = false;
  let kept = 0;
  let quote: '"' | "'" | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const letter = line.charAt(at);
    if (quote !== undefined) {
      if (letter === quote) quote = undefined;
      else if (letter === '\\' && quote === '"' && '"\\$`'.includes(line.charAt(at + 1) || ' ')) {
        at += 1;
        current += line.charAt(at);
      } else current += letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      started = true;
      kept = current.length;
    } else if (letter === '\\') {
      at += 1;
      current += line.charAt(at);
      started = true;
    } else if (/\s/.test(letter)) {
      if (started) words.push(current);
      current = '';
      started = false;
      kept = 0;
    } else {
      current += letter;
      started = true;
      if (wordBreaks.includes(letter)) kept = current.length;
    }
  }
  return { words, current, kept, ...(quote === undefined ? {} : { quote }) };
}

/** What bash puts in the place of what it replaces; undefined where no quoting can express it. */
export function bashWord(word: string, { kept, quote }: BashLine): string | undefined {
  const rest = word.slice(kept);
  if (quote === "'") return rest.includes("'") ? undefined : rest;
  if (quote === '"') return rest.replace(/["\\$`]/g, '\\$&');
  return rest.replace(/[^\p{L}\p{N}_./:=@%+,-]/gu, '\\$&');
}
