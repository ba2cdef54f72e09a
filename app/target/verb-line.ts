import { shownWord } from '../../core/shell.ts';
import type { Target } from './request.ts';

/**
 * Verbs that take the environment as their argument; all others have `--env`.
 *
 * @internal Exported for its test, which passes recorded values.
 */
export const takeEnvironment: readonly string[] = ['up', 'down', 'stop', 'start', 'status'];

/** A verb, `workflows show`, and its words, which may be anybody's text. What follows a word `--` is for another program. */
type Verb = string | readonly [verb: string, ...words: readonly string[]];

/**
 * A command line for the same environment: `wt down feat-b --force`, `wt exec --env feat-b api -- ls`. The verb's words
 * are quoted; flags are taken as they are.
 */
export function verbLine(verb: Verb, { environment, as }: Target, ...flags: readonly string[]): string {
  const [name, ...words] = typeof verb === 'string' ? [verb] : verb;
  const named =
    environment === undefined
      ? []
      : [...(takeEnvironment.includes(name) ? [] : ['--env']), shownWord(environment)];
  const called = as === undefined ? [] : ['--as', shownWord(as)];
  const [own, others] = divided(words);
  return ['wt', name, ...own.map(shownWord), ...named, ...called, ...flags, ...others.map(shownWord)].join(
    ' ',
  );
}

/** The verb's own words, and those after its options: for another program, or not to be taken for options. */
function divided(words: readonly string[]): readonly [readonly string[], readonly string[]] {
  const end = words.indexOf('--');
  if (end !== -1) return [words.slice(0, end), words.slice(end)];
  return words.some((word) => word.startsWith('-')) ? [[], ['--', ...words]] : [words, []];
}
