import type { Kube } from '../cluster/kube/client.ts';
import type { Check } from '../core/check.ts';
import type { ExistingEnvironment, Owner } from '../core/owner.ts';
import type { ClusterRecord } from '../core/state/cluster-record.ts';
import type { SweepResult } from '../core/sweep.ts';

/** What is needed to sweep and check the server of a part. */
export interface PartContext {
  readonly record: ClusterRecord;
  readonly kube: Kube;
  /** Aborted by Ctrl+C. */
  readonly signal: AbortSignal;
  readonly environments: KnownEnvironments;
}

/** The existing environments. Undefined when they could not all be listed: then nothing is a leftover. */
export interface KnownEnvironments {
  /** Those that were brought up and not down again. */
  broughtUp(): Promise<readonly ExistingEnvironment[] | undefined>;
  /** Those, and every worktree of the repositories that they or `marked` name. */
  existing(marked: readonly Owner[]): Promise<readonly ExistingEnvironment[] | undefined>;
}

/** Removes from the server of a part what is no longer needed. Throws what reaching that server throws. */
export type Sweep = (context: PartContext) => Promise<SweepResult>;

/** A section of `wt doctor`. */
export interface PartSection {
  readonly title: string;
  /** `record` is absent where no cluster was ever started, `context` until the part has joined. */
  checks(record: ClusterRecord | undefined, context: PartContext | undefined): Promise<readonly Check[]>;
}
