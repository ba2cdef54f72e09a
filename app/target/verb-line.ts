import { quote } from '../../core/shell.ts';
import type { Target } from './request.ts';

/**
 * Verbs that take the environment as their argument; all others have `--env`.
 *
 * @internal Exported for its test, which passes recorded values.
 */
export const takeEnvironment: readonly string[] = ['up', 'down', 'stop', 'start', 'status'];

/** A command line for the same environment: `wt down feat-b --force`, `wt workflows --env feat-b`. */
export function verbLine(verb: string, { environment, as }: Target, ...flags: readonly string[]): string {
  const word = (value: string) => quote(value, 'posix');
  const named =
    environment === undefined
      ? []
      : [...(takeEnvironment.includes(verb) ? [] : ['--env']), word(environment)];
  const called = as === undefined ? [] : ['--as', word(as)];
  return ['wt', verb, ...named, ...called, ...flags].join(' ');
}
