import { CoppiceError } from '../../../core/errors.ts';
import { isHeld } from '../../../core/lock.ts';
import { quote } from '../../../core/shell.ts';
import { until } from '../../../core/until.ts';
import { markFile } from '../create/mark.ts';
import type { Condemned } from './plan.ts';

/** Milliseconds: longer than the lock of a killed process counts, and what a `wt create` that is nearly done needs. */
const PATIENCE_MS = 8_000;

/**
 * Waits for a `wt create` that still works in the worktree of that branch, which would go on where nothing is any more.
 * Returns whether there was one. Throws COPPICE_DELETE when it takes long: its hook may be what deletes.
 */
export async function awaitMaking(
  { common, branch, name }: Pick<Condemned, 'common' | 'branch' | 'name'>,
  { note }: { readonly note: (text: string) => void },
): Promise<boolean> {
  const isMade = async () => branch === undefined || !(await isHeld(markFile(common, branch)));
  if (await isMade()) return false;
  note(`waiting for the \`wt\` that makes the worktree of ${branch}`);
  await until(isMade, {
    every: 100,
    within: PATIENCE_MS,
    late: () =>
      new CoppiceError('COPPICE_DELETE', `${name} was left as it is: another \`wt\` is making its worktree`, {
        hint: `wait for that one, or end it with Ctrl+C, then: wt delete ${quote(name, 'posix')}`,
      }),
  });
  return true;
}
