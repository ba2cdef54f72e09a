import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { slugOf } from '../../../core/names.ts';
import { readCache } from '../../../core/state/state-file.ts';

/**
 * Stands in the repository from before git makes a worktree until nothing of it is pending. So a run that was killed can
 * be told from what a user made, and the same command finishes it.
 */
export interface Mark {
  readonly branch: string;
  /** Absolute path of the new worktree; there was nothing in it. */
  readonly worktree: string;
  /** This command made the branch, at this commit (full sha). */
  readonly newBranch: boolean;
  readonly commit: string;
  /** What the branch was created from; absent for one that existed. */
  readonly base?: string;
}

/** Branches of one slug want one folder, so they share a mark and its lock. */
export function markFile(repository: string, branch: string): string {
  return join(repository, 'coppice', 'creating', `${slugOf(branch)}.json`);
}

/** One that was cut short says nothing: git had not begun. */
export async function readMark(repository: string, branch: string): Promise<Mark | undefined> {
  const mark = await readCache<Mark>(markFile(repository, branch), { branch: 'string', worktree: 'string' });
  return mark?.branch === branch ? mark : undefined;
}

/** Not synced to the disk: only a killed process needs it, and a checkout is not synced either. */
export async function writeMark(repository: string, mark: Mark): Promise<void> {
  const file = markFile(repository, mark.branch);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(mark));
}

export async function removeMark(repository: string, branch: string): Promise<void> {
  await rm(markFile(repository, branch), { force: true });
}
