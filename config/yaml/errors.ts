import type { LineCounter, YAMLError } from 'yaml';

/** One broken line makes the parser stumble several times; its first error explains it best. */
export function onePerLine(errors: readonly YAMLError[], lines: LineCounter): YAMLError[] {
  const seen = new Set<number>();
  return errors.filter((error) => {
    const { line } = lines.linePos(error.pos[0]);
    return !seen.has(line) && seen.add(line);
  });
}

/** The parser points at the first letter of a key, and for an open quote at the end of the file. */
export function rangeOf({ code, pos, message }: YAMLError, text: string): [number, number] {
  const [start, end] = pos;
  if (code === 'DUPLICATE_KEY')
    return [start, start + (/^[^\s:,}]+/.exec(text.slice(start))?.[0].length ?? 1)];
  const quote = code === 'MISSING_CHAR' ? /^Missing closing (["'])/.exec(message)?.[1] : undefined;
  const open = quote === undefined ? -1 : text.lastIndexOf(quote, start);
  return open < 0 ? [start, end] : [open, open + 1];
}

/** Message and hint, in words that say what to do. */
export function sentenceOf(error: YAMLError): [string, string?] {
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return [
        'this key is written twice in one map',
        'YAML keeps only the last of them: remove or rename one',
      ];
    case 'TAB_AS_INDENT':
      return ['a tab indents this line', 'YAML allows spaces only'];
    case 'MULTIPLE_DOCS':
      return ['a second document begins here', 'remove the line ---'];
    case 'BAD_SCALAR_START':
      return [lowerFirst(error.message), 'put the value in quotes'];
    case 'TAG_RESOLVE_FAILED':
      return [lowerFirst(error.message), 'remove the tag'];
    case 'BLOCK_AS_IMPLICIT_KEY':
      return [
        'a second "key: value" on one line, or a line that is indented too far',
        'put each key on its own line',
      ];
    case 'MISSING_CHAR':
      if (error.message.startsWith('Implicit map keys')) return ['a colon is missing here'];
      if (error.message.startsWith('Missing closing')) return ['this quote is never closed'];
      return [lowerFirst(error.message)];
    default:
      return [lowerFirst(error.message)];
  }
}

export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
