import { access } from 'node:fs/promises';
import { join } from 'node:path';

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
