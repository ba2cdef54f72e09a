import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { isThere } from '../core/files.ts';
import { until } from '../core/until.ts';

/** What git has begun in a worktree and not finished. */
export type Operation = 'rebase' | 'merge' | 'cherry-pick' | 'revert' | 'bisect' | 'am';

const marks: readonly (readonly [file: string, operation: Operation])[] = [
  ['rebase-merge', 'rebase'],
  ['rebase-apply/applying', 'am'],
  ['rebase-apply', 'rebase'],
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['BISECT_LOG', 'bisect'],
];

/** The operation that is in progress in the worktree of a git folder; undefined without one. */
export async function operationIn(gitFolder: string): Promise<Operation | undefined> {
  const found = await Promise.all(
    marks.map(([file]) =>
      access(join(gitFolder, file)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return marks[found.indexOf(true)]?.[1];
}

/** Editors and prompts ask git all the time, and it may hold a lock for as long as it writes an index. */
const passingWithin = 1000;

/**
 * The file by which a git command says that it changes the worktree of a git folder; undefined without one. One that goes
 * within a second was held in passing.
 */
export async function lockFileIn(gitFolder: string): Promise<string | undefined> {
  const files = ['index.lock', 'HEAD.lock'].map((name) => join(gitFolder, name));
  const look = async () => {
    const there = await Promise.all(files.map(isThere));
    return files[there.indexOf(true)];
  };
  return until(look, { every: 50, within: passingWithin, done: (file) => file === undefined });
}
