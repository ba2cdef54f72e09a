import { stat } from 'node:fs/promises';
import { gitFolderOf, writeWorktreeFile } from '../../git/worktree-file.ts';
import { markIn } from './touched.ts';

/**
 * Notes that somebody works with a worktree now, for `wt gc`. Never fails: the verb that calls it works in another user's
 * worktree or on a full disk too.
 */
export async function markTouched(worktree: string): Promise<void> {
  try {
    const gitFolder = await gitFolderOf(worktree);
    if (gitFolder === undefined) return;
    await writeWorktreeFile(markIn(gitFolder), '', await stat(gitFolder));
  } catch {
    // The worktree only looks older than it is.
  }
}
