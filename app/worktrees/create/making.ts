import type { Ports } from '../../ports.ts';
import type { HookOutcome } from '../hooks/run.ts';
import type { Filled } from './fill.ts';
import type { Look } from './look.ts';
import type { Source } from './source.ts';

export interface CreateOptions {
  /** A branch, `origin/branch`, `pr:12`, or `-`. */
  readonly name: string;
  readonly from?: string | undefined;
  readonly path?: string | undefined;
  /** Allows what coppice.yaml wants to run. */
  readonly yes: boolean;
  /** Packages and the hook `created` are left to the next create of that branch: they may take minutes. */
  readonly restLater?: boolean;
}

/** A worktree, and what was done for it. */
export interface CreatedWorktree {
  /** Absolute path of its top folder. */
  readonly worktree: string;
  /** Absolute path of the folder in it that corresponds to the current one: an app's of a monorepo, else its top. */
  readonly folder: string;
  readonly branch: string;
  /** This command made it, or finished one whose making was interrupted. */
  readonly created: boolean;
  /** What a new branch was created from. */
  readonly base?: { readonly name: string; readonly commit: string };
  /** By path. */
  readonly submodules: readonly string[];
  /** Ignored files and packages that it got from other worktrees; absent when it was there before. */
  readonly filled?: Filled;
  readonly hook: HookOutcome;
  /** The next create of that branch has something left to do. */
  readonly hasRest: boolean;
  /** Sentences that a user should read. */
  readonly notes: readonly string[];
}

/** One run of `wt create`. */
export interface Making {
  readonly look: Look;
  readonly source: Source;
  readonly options: CreateOptions;
  readonly ports: Ports;
  readonly signal: AbortSignal;
}
