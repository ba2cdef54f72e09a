import { type GitResult, isHalfRegistered } from '../../../git/command.ts';

/**
 * Another git process has what this one needs for a moment. "cannot lock ref" is said of a branch that stands in the way
 * and of a name that is too long too, and those do not pass.
 */
export function isLocked({ stderr }: Pick<GitResult, 'stderr'>): boolean {
  if (/' exists; cannot create '|File name too long/.test(stderr)) return false;
  if (isHalfRegistered(stderr)) return true;
  return /could not lock config file|unable to create '[^']*\.lock': File exists|cannot lock ref|could not create directory of '[^']*worktrees/i.test(
    stderr,
  );
}
