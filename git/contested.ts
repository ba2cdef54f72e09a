import { CoppiceError } from '../core/errors.ts';
import { isOneFolder } from '../core/files.ts';
import type { Identity } from '../core/identity.ts';
import { environmentName } from '../core/names.ts';
import type { Owner } from '../core/owner.ts';
import { isMovedWorktree } from './origin.ts';
import { listWorktrees, nameOf, type Worktree } from './worktrees.ts';

/** A worktree that wants an environment which another worktree may have. */
export interface Contest {
  readonly app: string;
  readonly slug: string;
  readonly identity: Identity;
}

/**
 * Two worktrees can have one name: a branch that `--force` checked out twice, a branch that is called like a detached
 * worktree. A branch takes its environment along to another worktree; while the first one still has that name, and for
 * a detached HEAD, which nothing but its worktree tells from another, the environment stays the first one's. Throws
 * COPPICE_CLAIMED with both paths.
 */
export async function requireUncontested(
  contest: Contest,
  owner: Pick<Owner, 'repository' | 'branch' | 'worktree'> | undefined,
): Promise<void> {
  const { identity } = contest;
  if (
    owner === undefined ||
    isOneFolder(owner.worktree, identity.worktree) ||
    owner.branch !== identity.branch
  )
    return;
  // After a move of the repository the recorded path says nothing.
  if (!isOneFolder(owner.repository, identity.repository)) return;
  const holder = (await listWorktrees(identity.worktree)).find(({ path }) =>
    isOneFolder(path, owner.worktree),
  );
  if (!isOn(identity.branch, holder) && !identity.detached) return;
  if (!(await isMovedWorktree(contest, identity.worktree))) throw contestedError(contest, owner, holder);
}

function isOn(branch: string, holder: Worktree | undefined): boolean {
  return holder !== undefined && holder.prunable === undefined && nameOf(holder) === branch;
}

function contestedError(
  { app, slug, identity }: Contest,
  owner: Pick<Owner, 'worktree'>,
  holder: Worktree | undefined,
): CoppiceError {
  const name = environmentName(app, slug);
  const gone = holder === undefined || holder.prunable !== undefined ? ', which is gone' : '';
  return new CoppiceError(
    'COPPICE_CLAIMED',
    `${name} is the environment of the worktree ${owner.worktree}${gone}, and this is ${identity.worktree}`,
    {
      hint: `\`wt up --as NAME\` creates one for this worktree; \`wt down ${name}\` removes that one`,
    },
  );
}
