import { join } from 'node:path';
import { withLock } from '../../../core/lock.ts';
import { slugOf } from '../../../core/names.ts';

/** Told once, before the first wait. */
type OnWait = () => void;

/** Runs `work` while nothing else deletes, or brings back, what has this name: from a hook to the branch. */
export function whileNobodyDeletes<T>(
  { common, name }: { readonly common: string; readonly name: string },
  work: () => Promise<T>,
  onWait: OnWait,
): Promise<T> {
  return withLock(join(common, 'coppice', 'deleting', slugOf(name)), work, onWait);
}

/** Runs `work` while no worktree of the repository is moved aside or back. Seconds at most. */
export function whileNothingMoves<T>(common: string, work: () => Promise<T>, onWait: OnWait): Promise<T> {
  return withLock(join(common, 'coppice', 'delete'), work, onWait);
}
