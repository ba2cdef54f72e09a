import { relative, resolve } from 'node:path';
import { CoppiceError } from '../../core/errors.ts';
import { environmentName, slugOf } from '../../core/names.ts';
import { quote } from '../../core/shell.ts';
import { identify } from '../../git/identity.ts';
import { nearestApp } from './specs.ts';
import { toCreateWorktree } from './to-bring-up.ts';

/** Whether a text can be no branch and no slug: `../main`, `/srv/shop`, `main/`, or nothing. */
export function isPath(text: string): boolean {
  return text.split('/').some((part) => ['', '.', '..'].includes(part));
}

/** No worktree has the name of which an `up` was asked. `worktrees`: the names that there are. */
export function noWorktreeError(environment: string, worktrees: readonly string[]): CoppiceError {
  return new CoppiceError('COPPICE_NO_WORKTREE', `this repository has no worktree ${environment}`, {
    hint: toCreateWorktree(environment, worktrees),
  });
}

/** A path that is no worktree of the repository of `cwd`: it may lie in one, or be another repository's. */
export async function noWorktreeAtError(path: string, cwd: string): Promise<CoppiceError> {
  return new CoppiceError('COPPICE_NO_WORKTREE', `"${path}" is no worktree of this repository`, {
    hint: (path === '' ? undefined : await hintAt(path, cwd)) ?? '`wt list` shows the worktrees',
  });
}

async function hintAt(path: string, cwd: string): Promise<string | undefined> {
  const folder = resolve(cwd, path);
  const [here, there] = await Promise.all([identify(cwd), identify(folder)].map(orUndefined));
  if (there === undefined) return undefined;
  if (there.repository === here?.repository)
    return `write the top folder of the worktree, ${quote(relative(cwd, there.worktree) || '.', 'posix')}`;
  const app = (await nearestApp(folder))?.app;
  if (app === undefined) return undefined;
  const name = environmentName(app, slugOf(there.branch));
  return `what belongs to another repository is reached by its full name alone, as in \`wt status ${name}\``;
}

function orUndefined<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  return promise.catch(() => undefined);
}
