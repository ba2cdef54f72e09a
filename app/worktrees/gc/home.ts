import { isOneFolder, isThere } from '../../../core/files.ts';
import { slugOf } from '../../../core/names.ts';
import { nameOf, type Worktree } from '../../../git/worktrees.ts';
import type { RecordedEnvironment } from '../../target/recorded.ts';
import type { Home } from './facts.ts';

/** What an environment may belong to. */
export interface Homes {
  readonly worktrees: readonly Worktree[];
  readonly branches: readonly string[];
  /** Whether a branch is contained in the default branch. */
  readonly isMerged: (branch: string) => Promise<boolean>;
}

/**
 * The worktree of an environment: the one in whose folder it was brought up, while that has its branch or the environment
 * a name of its own, else the one that has its branch now.
 */
export async function homeOf({ slug, owner }: RecordedEnvironment, homes: Homes): Promise<Home> {
  if (owner === undefined) return { kind: 'unknown', why: 'its first up was interrupted' };
  const { branch, worktree } = owner;
  const own = homes.worktrees.find(({ path }) => isOneFolder(path, worktree));
  const isNamed = slug !== slugOf(branch);
  if (own !== undefined && (isNamed || nameOf(own) === branch)) return { kind: 'worktree', path: own.path };
  const other = homes.worktrees.find((one) => !one.bare && nameOf(one) === branch);
  if (other !== undefined) return { kind: 'worktree', path: other.path };
  if (own === undefined && (await isThere(worktree)))
    return { kind: 'unknown', why: `${worktree} is there, and git does not list it as a worktree` };
  const where =
    own === undefined
      ? `its worktree ${worktree} is gone`
      : `its worktree ${worktree} is on ${nameOf(own)} now`;
  if (!homes.branches.includes(branch))
    return { kind: 'lost', branch: 'gone', proof: `${where}, and there is no branch ${branch}` };
  return (await homes.isMerged(branch))
    ? { kind: 'lost', branch: 'merged', proof: `${where}, and its branch ${branch} is merged` }
    : { kind: 'lost', branch: 'there', proof: where };
}
