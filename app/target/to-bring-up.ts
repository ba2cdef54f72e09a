import { quote } from '../../core/shell.ts';
import { nearest } from '../../core/suggest.ts';
import type { Target } from './request.ts';
import { verbLine } from './verb-line.ts';

/** The next step for an environment that is not up. */
export function toBringUp(target: Target): string {
  return verbLine('up', target);
}

/** The next step where no worktree has the name that somebody typed: the one that is meant, or a new worktree. */
export function toCreateWorktree(wanted: string, worktrees: readonly string[]): string {
  const near = nearest(wanted, worktrees);
  if (near !== undefined) return `did you mean ${near}?`;
  const word = quote(wanted, 'posix');
  return `\`wt list\` shows the worktrees; \`wt create ${word}\` makes one, with its environment`;
}
