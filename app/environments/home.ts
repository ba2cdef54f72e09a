import { isOneFolder } from '../../core/files.ts';
import { slugOf } from '../../core/names.ts';
import { isSameRepository } from '../../core/state/moved-repositories.ts';

/** A worktree as far as an environment may be its own. */
export interface Dwelling {
  /** Absolute path of its top folder. */
  readonly path: string;
  /** Its branch, or what it is called without one. */
  readonly name: string;
  /** Why git would forget it: its folder is gone. */
  readonly prunable?: string;
}

/** A repository and all of its worktrees. */
export interface Household {
  /** Absolute path of git's common directory. */
  readonly repository: string;
  readonly worktrees: readonly Dwelling[];
  /** Whether a local branch exists; undefined while that is not known. */
  readonly hasBranch: (branch: string) => boolean | undefined;
}

/** Whose an environment is by its last `up`, as far as that is recorded. */
export interface Claim {
  readonly slug: string;
  readonly repository?: string;
  readonly branch?: string;
  /** Absolute path of the worktree from which it was brought up. */
  readonly worktree?: string;
}

/** What an environment belongs to. */
export type Home =
  /** `now`: what the worktree is called, where that is not the branch of the environment. */
  | {
      readonly kind: 'worktree';
      readonly path: string;
      readonly isFolderGone: boolean;
      readonly now?: string;
      /** Its branch was renamed or deleted since. */
      readonly isBranchGone: boolean;
    }
  /** Its branch exists, and no worktree has it. `why`: what became of its worktree. */
  | { readonly kind: 'branch'; readonly branch: string; readonly why: string }
  | { readonly kind: 'orphaned'; readonly why: string }
  | { readonly kind: 'another repository' };

/**
 * Whose an environment is, for every verb. It follows its branch to another worktree, and otherwise stays with the
 * worktree in which it was brought up: also after that switched to another branch, or its branch was renamed. One with a
 * name of its own (`--as`) stays there while that is there. A folder that is gone counts last.
 */
export function homeOf(claim: Claim, { repository, worktrees, hasBranch }: Household): Home {
  const { branch, worktree } = claim;
  if (claim.repository !== undefined && !isSameRepository(claim.repository, repository))
    return { kind: 'another repository' };
  const found =
    claimed(
      claim,
      worktrees.filter(({ prunable }) => prunable === undefined),
    ) ??
    claimed(
      claim,
      worktrees.filter(({ prunable }) => prunable !== undefined),
    );
  const isBranchGone = branch !== undefined && found?.name !== branch && hasBranch(branch) === false;
  if (found !== undefined) {
    const { path, name, prunable } = found;
    const now = branch === undefined || name === branch ? {} : { now: name };
    return { kind: 'worktree', path, isFolderGone: prunable !== undefined, ...now, isBranchGone };
  }
  const why = worktree === undefined ? 'its worktree is gone' : `its worktree ${worktree} is gone`;
  if (branch !== undefined && hasBranch(branch)) return { kind: 'branch', branch, why };
  return { kind: 'orphaned', why: isBranchGone ? `${why}, and its branch ${branch} is gone` : why };
}

/** The worktree of an environment among some. */
function claimed({ slug, branch, worktree }: Claim, among: readonly Dwelling[]): Dwelling | undefined {
  const isNamed = branch !== undefined && slug !== slugOf(branch);
  const on = among.filter(({ name }) => (branch === undefined ? slugOf(name) === slug : name === branch));
  if (isNamed) return at(worktree, among) ?? on[0];
  // Usually there is one, and no path has to be looked at.
  return on.length > 1 ? (at(worktree, on) ?? on[0]) : (on[0] ?? at(worktree, among));
}

function at(worktree: string | undefined, among: readonly Dwelling[]): Dwelling | undefined {
  if (worktree === undefined) return undefined;
  return among.find(({ path }) => path === worktree) ?? among.find(({ path }) => isOneFolder(path, worktree));
}
