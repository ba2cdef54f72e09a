import type { Owner } from '../../core/owner.ts';
import { identify } from '../../git/identity.ts';
import type { Target } from '../target/target.ts';
import { type EnvironmentName, sourceOf } from '../target/target.ts';

/** Owner of a database, from the worktree that a target means. Throws COPPICE_NO_WORKTREE, and what git throws. */
export async function ownerFromGit(
  target: Target,
  { app, slug }: EnvironmentName,
  cwd: string,
): Promise<Owner> {
  const { folder } = await sourceOf(target, cwd);
  const { repository, branch, worktree } = await identify(folder);
  return { app, environment: slug, repository, branch, worktree };
}

/** The repository of a folder; undefined outside of one. */
export async function repositoryOf(cwd: string): Promise<Pick<Owner, 'repository'> | undefined> {
  try {
    const { repository } = await identify(cwd);
    return { repository };
  } catch {
    return undefined;
  }
}
