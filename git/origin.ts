import { defined } from '../core/defined.ts';
import { folderMark, isSameFolder } from '../core/files.ts';
import type { Identity } from '../core/identity.ts';
import { type Origin, readOrigin, writeOrigin } from '../core/state/origin.ts';
import { firstCommit } from './commits.ts';
import type { EnvironmentOwned } from './moved.ts';
import { remotesOf } from './remotes.ts';

/** Whether a worktree is the one of an environment's last `up` by another path: it was moved. */
export async function isMovedWorktree(name: EnvironmentOwned, worktree: string): Promise<boolean> {
  const [origin, mark] = await Promise.all([readOrigin(name), folderMark(worktree)]);
  const before = origin?.worktreeMark;
  return before !== undefined && mark !== undefined && isSameFolder(before, mark);
}

/** Remembers of which repository an environment is. The walk to the first commit is long, and done once. */
export async function recordOrigin(name: EnvironmentOwned, identity: Identity): Promise<void> {
  const { repository, worktree } = identity;
  const [before, mark, worktreeMark, remotes] = await Promise.all([
    readOrigin(name),
    folderMark(repository),
    folderMark(worktree),
    remotesOf(worktree),
  ]);
  const first = isOf(before, repository, mark) ? before?.firstCommit : undefined;
  const origin: Origin = {
    repository,
    remotes,
    ...defined({ mark, worktreeMark, firstCommit: first ?? (await firstCommit(worktree)) }),
  };
  await writeOrigin(name, origin);
}

function isOf(origin: Origin | undefined, repository: string, mark: string | undefined): boolean {
  if (origin?.mark === undefined || mark === undefined) return false;
  return origin.repository === repository && isSameFolder(origin.mark, mark);
}
