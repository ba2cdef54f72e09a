/**
 * The environment that is meant: this worktree's, or that of a branch, a slug, a path or a full name (`app/slug`); or a
 * name from `--as`.
 */
export interface Target {
  readonly environment?: string;
  readonly as?: string;
}
