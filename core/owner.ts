/** The owner of something on a server shared by many environments, as in its mark. */
export interface Owner {
  readonly app: string;
  readonly environment: string;
  /** Absolute path of git's common directory. */
  readonly repository: string;
  readonly branch: string;
  readonly worktree: string;
}

/** An environment that exists, or whose worktree does: what belongs to it on a shared server is no leftover. */
export interface ExistingEnvironment {
  readonly app: string;
  readonly environment: string;
  /** Absolute path of git's common directory, if known. */
  readonly repository?: string;
}

/** Only the owner's fields of an object with more. */
export function ownerOf({ app, environment, repository, branch, worktree }: Owner): Owner {
  return { app, environment, repository, branch, worktree };
}
