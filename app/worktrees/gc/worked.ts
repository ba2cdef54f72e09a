import { join } from 'node:path';
import { readIfPresent } from '../../../core/files.ts';
import type { Branch } from '../../../git/branches.ts';
import { git, gitError } from '../../../git/command.ts';
import type { Integrated } from '../../../git/integration.ts';

/**
 * Whether a branch that is contained in the default branch ever had a commit of its own. A new branch is contained in the
 * same way: it points at the commit that it was created from. Evidence, in the order of what it costs: its upstream was
 * deleted, as after a merge; it is contained in another way than by history; its reflog has a commit; its tip is beside
 * the first parents of the default branch, so a merge brought it in.
 */
export async function workedOn(
  common: string,
  branch: Branch,
  { how, target }: Integrated,
): Promise<boolean> {
  if (branch.upstreamGone || (how !== 'same-commit' && how !== 'ancestor')) return true;
  const log = await readIfPresent(join(common, 'logs', 'refs', 'heads', branch.name));
  if (log !== undefined && hasCommit(log)) return true;
  return how === 'ancestor' && !(await isFirstParent(common, branch, target.tip));
}

function hasCommit(reflog: string): boolean {
  return reflog.split('\n').some((line) => /\t(commit|cherry-pick|revert|am)\b/.test(line));
}

/** Only the commits since the tip are listed: dates say nothing, as they need not be in order. */
async function isFirstParent(common: string, { tip }: Branch, target: string): Promise<boolean> {
  const result = await git(common, 'rev-list', '--first-parent', target, '--not', `${tip}^@`);
  if (result.code !== 0) throw gitError(common, result);
  return result.stdout.split('\n').includes(tip);
}
