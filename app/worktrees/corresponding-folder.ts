import { join, relative } from 'node:path';
import { isThere } from '../../core/files.ts';
import { isWithin } from '../../core/within.ts';

/**
 * The folder of a worktree that corresponds to `cwd` in the `current` one, as an app's of a monorepo; the worktree's top
 * where there is none. All are absolute paths.
 */
export async function correspondingFolder(
  worktree: string,
  current: string | undefined,
  cwd: string,
): Promise<string> {
  if (current === undefined || !isWithin(cwd, current)) return worktree;
  const folder = join(worktree, relative(current, cwd));
  return (await isThere(folder)) ? folder : worktree;
}
