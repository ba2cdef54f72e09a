/** Whose a thing is that lies in a server shared by many environments: what its mark says. */
export interface Owner {
  readonly app: string;
  readonly environment: string;
  /** Absolute path of git's common directory. */
  readonly repository: string;
  readonly branch: string;
  readonly worktree: string;
}
