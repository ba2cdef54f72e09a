import type { Candidate } from '../../app/shell/git-candidates.ts';
import { bashWord, parseBashLine } from './bash-line.ts';

/** What a shell asks: what is typed, and how it wants the answer. */
export interface Question {
  /** Before the word at the cursor, without the program's name. */
  readonly words: readonly string[];
  /** The word at the cursor, up to it, without quoting. */
  readonly current: string;
  /** A candidate as this shell wants it; undefined where it cannot be typed. */
  readonly line: (candidate: Candidate) => string | undefined;
}

/** `bash BREAKS LINE`, `zsh WORD... CURRENT`, `fish WORD... CURRENT`: what the functions of app/shell/integration.ts pass. */
export function questionOf([shell, ...rest]: readonly string[]): Question {
  if (shell === 'bash') {
    const [wordBreaks = '', text = ''] = rest;
    const line = parseBashLine(text, wordBreaks);
    return {
      words: line.words.slice(1),
      current: line.current,
      line: ({ word }) => bashWord(word, line),
    };
  }
  return {
    words: rest.slice(0, -1),
    current: shell === 'fish' ? unquoted(rest.at(-1) ?? '') : (rest.at(-1) ?? ''),
    line: ({ word, meaning }) =>
      meaning === undefined || meaning === '' ? word : `${word}\t${meaning.replace(/\s+/g, ' ')}`,
  };
}

/** fish passes the word at the cursor as it is typed. */
function unquoted(word: string): string {
  const { current } = parseBashLine(word, '');
  return current;
}
