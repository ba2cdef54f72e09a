import type { WatchedFiles } from '../../config/files/database.ts';
import type { EnvironmentPlan } from '../../config/plan/plan.ts';
import type { Settings } from '../../config/settings/settings.ts';
import type { OnDemandPart } from '../../core/part-facts.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import type { EnginePrograms } from '../engine/index.ts';
import type { Target } from '../target/target.ts';
import type { Subject } from './subject.ts';

export interface UpOptions extends Target {
  /** Runs the `setup:` and dump commands of the spec without asking. */
  readonly yes: boolean;
  /** Compares with the cluster even when everything seems to be up. */
  readonly refresh: boolean;
  /** Deletes the database of an environment whose spec has none any more, or one on another server. */
  readonly dropDatabase: boolean;
  /** Deletes its Temporal namespace, though workflows run in it, in the same case. */
  readonly dropTemporal: boolean;
}

export interface ConvergeOptions extends UpOptions {
  /** What the last `up` made is all there and answers. */
  readonly healthy: boolean;
}

/** What an environment is to become, and where. */
export interface Wanted {
  readonly subject: Subject;
  readonly plan: EnvironmentPlan;
  /** Parts of the platform that it needs. */
  readonly parts: readonly OnDemandPart[];
  readonly cluster: ClusterRecord;
  readonly settings: Settings;
  readonly programs: EnginePrograms;
  /** Files that are part of the content. */
  readonly watched: WatchedFiles;
  readonly contentHash: string;
}
