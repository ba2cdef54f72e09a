/** Whose a thing is that lies in a server shared by many environments: what its mark says. */
export interface Owner {
  readonly app: string;
  readonly environment: string;
  /** Absolute path of git's common directory. */
  readonly repository: string;
  readonly branch: string;
  readonly worktree: string;
}

/** An environment that is there, or whose worktree is: what belongs to it on a shared server is nobody's leftover. */
export interface ExistingEnvironment {
  readonly app: string;
  readonly environment: string;
  /** Absolute path of git's common directory, where it is known. */
  readonly repository?: string;
}

/** What names an owner, out of anything that does and says more. */
export function ownerOf({ app, environment, repository, branch, worktree }: Owner): Owner {
  return { app, environment, repository, branch, worktree };
}
