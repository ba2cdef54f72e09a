import type { Changes } from '../../../git/changes.ts';
import type { Divergence } from '../../../git/divergence.ts';
import type { FolderProcess } from '../../activity/processes.ts';
import type { DatabaseName } from '../../environments/database-name.ts';
import type { EnvironmentUrl } from '../../environments/routes.ts';
import type { Operation } from './git-folder.ts';

/**
 * `changed`: it is up, and what is written differs from it. `orphaned`: its worktree is gone. `absent`: there
 * is a coppice.yaml and no environment. `ending`: it was removed, and its namespace is not gone yet. `unknown`: the cluster
 * does not answer.
 */
export const listedStates = [
  'up',
  'starting',
  'degraded',
  'failing',
  'stopped',
  'absent',
  'orphaned',
  'changed',
  'ending',
  'unknown',
] as const;
export type ListedState = (typeof listedStates)[number];

export interface ListedEnvironment {
  readonly app: string;
  readonly slug: string;
  readonly state: ListedState;
  /** Why, one sentence each; empty for one that is simply up. */
  readonly reasons: readonly string[];
  readonly urls: readonly EnvironmentUrl[];
  readonly branch?: string;
  readonly worktree?: string;
  /** What its worktree is called now, while its own branch is gone. */
  readonly renamedTo?: string;
  readonly database?: DatabaseName;
  /** Bytes. */
  readonly memory?: number;
}

/** Why something about a worktree is not known. */
export interface ListProblem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** A worktree as far as it is known: what is absent was not asked (yet), and what is null could not be determined. */
export interface ListedWorktree {
  /** Absolute path of its top folder. */
  readonly path: string;
  /** Its branch, or what it is called without one. */
  readonly name: string;
  readonly detached: boolean;
  /** Full sha; absent before the first commit. */
  readonly head?: string;
  readonly main: boolean;
  /** It holds the working folder. */
  readonly current: boolean;
  /** Why it is locked; empty without a reason. */
  readonly locked?: string;
  /** Why git would forget it: usually its folder is gone. */
  readonly prunable?: string;
  readonly operation?: Operation;
  readonly problem?: ListProblem;
  readonly changes?: Changes | null;
  readonly divergence?: Divergence | null;
  /** Milliseconds since 1970. */
  readonly lastActivity?: number | null;
  readonly agents?: readonly FolderProcess[];
  readonly environments?: readonly ListedEnvironment[];
}

/** Why no state of an environment is known. */
export interface ClusterSilence {
  readonly reason: string;
  readonly hint: string;
}

/** The worktrees of one repository, and its environments that have none. */
export interface Listing {
  /** Absolute path of git's common directory. */
  readonly repository: string;
  /** The branch that others are compared with; absent in a repository without any. */
  readonly defaultBranch?: string;
  /** The current one first, then the main one, then by when a branch moved last in it. */
  readonly worktrees: readonly ListedWorktree[];
  /** Environments whose worktree is gone; absent where no cluster is known. */
  readonly orphans?: readonly ListedEnvironment[];
  readonly silence?: ClusterSilence;
  /** Why git could not list the worktrees. */
  readonly problem?: ListProblem;
}
