import type { Kube } from '../cluster/kube/client.ts';
import type { Check } from '../core/check.ts';
import type { ExistingEnvironment, Owner } from '../core/owner.ts';
import type { ClusterRecord } from '../core/state/cluster-record.ts';
import type { SweepResult } from '../core/sweep.ts';

/** What the server of a part is swept and checked with. */
export interface PartContext {
  readonly record: ClusterRecord;
  readonly kube: Kube;
  /** Aborted by Ctrl+C. */
  readonly signal: AbortSignal;
  readonly environments: KnownEnvironments;
}

/** Which environments there are. Undefined when somebody could not be asked: then nothing is a leftover. */
export interface KnownEnvironments {
  /** Those that were brought up and not down again. */
  broughtUp(): Promise<readonly ExistingEnvironment[] | undefined>;
  /** Those, and every worktree of the repositories that they or `marked` name. */
  existing(marked: readonly Owner[]): Promise<readonly ExistingEnvironment[] | undefined>;
}

/** Removes what nothing needs any more from the server of a part. Throws what reaching that server throws. */
export type Sweep = (context: PartContext) => Promise<SweepResult>;

/** A section of `wt doctor`. */
export interface PartSection {
  readonly title: string;
  /** `record` is absent where no cluster was ever started, `context` as long as the part has not joined. */
  checks(record: ClusterRecord | undefined, context: PartContext | undefined): Promise<readonly Check[]>;
}
