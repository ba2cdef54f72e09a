import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isThere, writeJson } from '../../../core/files.ts';
import { gitFolderOf } from '../../../git/worktree-file.ts';
import type { HookOutcome } from './run.ts';

const fileIn = (gitFolder: string) => join(gitFolder, 'coppice', 'hook-due.json');

/** Keeps with a worktree that its hook `created` is still to run, as it failed or was not allowed; forgets it else. */
export async function noteDue(worktree: string, { status, reason }: HookOutcome): Promise<void> {
  const gitFolder = await gitFolderOf(worktree);
  if (gitFolder === undefined) return;
  const isDue = status === 'failed' || status === 'skipped';
  const file = fileIn(gitFolder);
  if (!isDue) return rm(file, { force: true });
  await mkdir(dirname(file), { recursive: true });
  await writeJson(file, { reason });
}

/** Whether the hook `created` of a worktree is still to run. */
export async function isHookDue(worktree: string): Promise<boolean> {
  const gitFolder = await gitFolderOf(worktree);
  return gitFolder !== undefined && isThere(fileIn(gitFolder));
}
