import type { WatchedFiles } from '../../config/files/database.ts';
import type { EnvironmentPlan } from '../../config/plan/plan.ts';
import type { Settings } from '../../config/settings/settings.ts';
import type { OnDemandPart } from '../../core/part-facts.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import type { EnginePrograms } from '../engine/index.ts';
import type { Target } from '../target/target.ts';
import type { UpSource } from './up-source.ts';

export interface UpOptions extends Target {
  /** Runs the `setup:` and dump commands of the spec without asking. */
  readonly yes: boolean;
  /** Compares with the cluster even when everything seems to be up. */
  readonly refresh: boolean;
  /** Runs the `setup:` commands even where their result is there. */
  readonly setup: boolean;
  /** Deletes an environment's database when its spec no longer has one, or has one on another server. */
  readonly dropDatabase: boolean;
  /** Deletes its Temporal namespace in the same case, even while workflows run in it. */
  readonly dropTemporal: boolean;
}

export interface ConvergeOptions extends UpOptions {
  /** Everything that the last `up` created exists and answers. */
  readonly healthy: boolean;
}

/** What an environment is to become, and where. */
export interface DesiredEnvironment {
  readonly source: UpSource;
  readonly plan: EnvironmentPlan;
  /** Parts of the platform that it needs. */
  readonly parts: readonly OnDemandPart[];
  readonly cluster: ClusterRecord;
  readonly settings: Settings;
  readonly programs: EnginePrograms;
  /** Files that are part of the content. */
  readonly watched: WatchedFiles;
  readonly contentHash: string;
  /** Digests by `contentParts`. */
  readonly content: Readonly<Record<string, string>>;
}
