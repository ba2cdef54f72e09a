import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gitFolderOf } from '../../../git/head.ts';

/** What was begun in a worktree and is not finished. */
export const operations = ['rebase', 'merge', 'cherry-pick', 'revert', 'bisect', 'am'] as const;
export type Operation = (typeof operations)[number];

/** Files of the git folder that are there as long as an operation is going on. */
const marks: readonly (readonly [file: string, operation: Operation])[] = [
  ['rebase-merge', 'rebase'],
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['BISECT_LOG', 'bisect'],
];

/** What the git folder of a worktree tells without a process. */
export interface GitFolderFacts {
  readonly operation?: Operation;
  /** When HEAD was last moved or the worktree was created, in milliseconds since 1970. */
  readonly movedAt?: number;
}

/** Nothing for a folder that cannot be read. */
export async function readGitFolder(worktree: string): Promise<GitFolderFacts> {
  const folder = await gitFolderOf(worktree);
  const names = new Set(namesIn(folder));
  if (names.size === 0) return {};
  const operation = names.has('rebase-apply')
    ? applying(folder)
    : marks.find(([file]) => names.has(file))?.[1];
  const movedAt = timeOf(join(folder, 'logs', 'HEAD')) ?? timeOf(join(folder, 'HEAD'));
  return { ...(operation && { operation }), ...(movedAt !== undefined && { movedAt }) };
}

/** `git am` and `git rebase --apply` share a folder. */
function applying(folder: string): Operation {
  return namesIn(join(folder, 'rebase-apply')).includes('applying') ? 'am' : 'rebase';
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** When a file or folder was written last, in milliseconds since 1970; undefined when it is not there. */
export function timeOf(path: string): number | undefined {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
}
