import type { Lifetime } from '../../../config/spec/lifetime.ts';
import type { Known } from '../../activity/known.ts';
import type { Touch } from '../../activity/touch.ts';

/** What a worktree is that is never deleted. */
export type Role = 'main' | 'bare' | 'current' | 'default branch';

export interface Lock {
  /** As git keeps it; may be empty. */
  readonly reason: string;
  /** Whether the process that the reason names has ended; unknown where it names none. */
  readonly ended: Known<boolean>;
}

/** How a branch is contained in the one that it is compared with. */
export interface Merged {
  /** That branch: `main`, `origin/main`. */
  readonly into: string;
  /** How that is known: `by squash (#abc1234)`. */
  readonly how: string;
}

export interface RunningProcess {
  readonly pid: number;
  /** Its program, or the name of the agent that it is. */
  readonly name: string;
}

/** What is known of a worktree when gc looks. */
export interface WorktreeFacts {
  /** Absolute path of its top folder. */
  readonly path: string;
  /** Its branch, or its own name without one. */
  readonly name: string;
  /** Absent when HEAD is detached. */
  readonly branch?: string;
  readonly roles: readonly Role[];
  readonly lock?: Lock;
  readonly folder: Known<'there' | 'gone'>;
  /** Paths of other worktrees in its folder, which would go with it. */
  readonly inner: readonly string[];
  readonly touches: Known<readonly Touch[]>;
  /** How many files have changes that no commit has, new ones included; 0 where the folder is gone. */
  readonly uncommitted: Known<number>;
  /** How many commits are in no other branch and in no remote; they are lost only when they are not merged either. */
  readonly unpushed: Known<number>;
  /** How many commits only the reflog of its detached HEAD or `refs/worktree` has: they go with it, merged or not. */
  readonly leftBehind: Known<number>;
  /** How many commits of its submodules are in no remote: they go with its folder. */
  readonly unpushedInSubmodules: Known<number>;
  /** Undefined when its commits are not all in the default branch. */
  readonly merged: Known<Merged | undefined>;
  /** Whether its branch ever had a commit of its own: a new branch looks merged. */
  readonly worked: Known<boolean>;
  /** The branch that it follows was deleted, as a remote does after a merge. */
  readonly upstreamGone: boolean;
  /** What git has begun in it and not finished: `rebase`. */
  readonly underway: Known<string | undefined>;
  readonly processes: Known<readonly RunningProcess[]>;
  readonly lifetime: Known<Lifetime>;
}

/** What an environment belongs to. */
export type Home =
  /** `switched`: its worktree is on another branch than at its last `up`, or has another name now. */
  | {
      readonly kind: 'worktree';
      readonly path: string;
      readonly switched?: { readonly from: string; readonly to: string };
    }
  /** Its worktree is gone. `proof`: how that is known. */
  | { readonly kind: 'lost'; readonly branch: 'gone' | 'merged' | 'there'; readonly proof: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** What is known of an environment when gc looks. */
export interface EnvironmentFacts {
  readonly app: string;
  readonly slug: string;
  readonly home: Home;
  readonly running: Known<boolean>;
  /** How many workflows run in its Temporal namespace; 0 without one. */
  readonly workflows: Known<number>;
  /** With those of its database, its routes and its workflows. */
  readonly touches: Known<readonly Touch[]>;
  readonly lifetime: Known<Lifetime>;
}

export interface Facts {
  readonly worktrees: readonly WorktreeFacts[];
  readonly environments: readonly EnvironmentFacts[];
}
