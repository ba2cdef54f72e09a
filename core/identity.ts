/** What git knows about a worktree; read by `git/identity.ts`. */
export interface Identity {
  /** Absolute path of git's common directory: the same for all worktrees of one repository. */
  readonly repository: string;
  /** Absolute path of the worktree's top folder. */
  readonly worktree: string;
  /** Branch name as in git, or the worktree's own name when HEAD is detached. */
  readonly branch: string;
  /** HEAD is on no branch, and no rebase or bisect will return to one. Absent on a branch. */
  readonly detached?: boolean;
  /** Full sha of HEAD, or `unborn` before the first commit. */
  readonly commit: string;
  /** Owner of the worktree's top folder. */
  readonly uid: number;
  readonly gid: number;
}
