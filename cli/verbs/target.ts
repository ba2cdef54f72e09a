import type { Target } from '../../app/target/target.ts';
import { defined } from '../../core/defined.ts';
import { value } from '../define.ts';

export const as = value('name', 'use this name instead of the one that the branch gives');
const env = value('environment', 'branch, slug or path of another environment');

/** Options of a verb whose arguments are about something else: `wt logs api --env feat-b`. */
export const targetOptions = { env, as };

/** For the help of a verb that takes `[environment]`. */
export const whichEnvironment =
  'Without an argument it is the environment of this worktree; a branch, a slug or a path names another.';

/** What is given of an environment's name, as `[environment]` or `--env`, and as `--as`. */
interface Named {
  readonly env: string | undefined;
  readonly as: string | undefined;
}

/** The environment that a command line means. */
export function targetOf({ env, as }: Named): Target {
  return { ...defined({ environment: env, as }) };
}
