/** Whose a thing is that lies in a server shared by many environments: what its mark says. */
export interface Owner {
  readonly app: string;
  readonly environment: string;
  /** Absolute path of git's common directory. */
  readonly repository: string;
  readonly branch: string;
  readonly worktree: string;
}

/** What names an owner, out of anything that does and says more. */
export function ownerOf({ app, environment, repository, branch, worktree }: Owner): Owner {
  return { app, environment, repository, branch, worktree };
}
