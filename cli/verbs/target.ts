import type { Target } from '../../app/target/target.ts';
import { defined } from '../../core/defined.ts';
import { value } from '../define.ts';

export const as = value('name', 'use this name instead of the one from the branch');
const env = value(
  'environment',
  'branch, slug or path of another environment of this repository, or app/slug of any',
);

/** Options for a verb whose arguments are about something else: `wt logs api --env feat-b`. */
export const targetOptions = { env, as };

/** For the help of a verb that takes `[environment]`. */
export const whichEnvironment =
  "Without an argument it is this worktree's environment; a branch, a slug or a path names another of this repository, and `app/slug` one of any repository.";

/** The parts of an environment's name on a command line: `[environment]` or `--env`, and `--as`. */
interface Named {
  readonly env: string | undefined;
  readonly as: string | undefined;
}

/** The environment that a command line names. */
export function targetOf({ env, as }: Named): Target {
  return { ...defined({ environment: env, as }) };
}
