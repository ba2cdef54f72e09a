import type { InstallPlan, SourcePlan } from '../../config/plan/environment-plan.ts';
import type { Contract, OnCluster } from '../contract.ts';

/**
 * A volume that the command of `install:` filled for the pods of some services, where the host's programs do not run on
 * the nodes; core/node-platform.ts decides whether that is so. The name of its claim contains a hash over image,
 * command, folders and input files, so another lock file means another volume and pods switch to it as a whole. An
 * annotation of the claim (`coppice.dev/installed`) records that the command succeeded: a volume that was lost, or is
 * incomplete, is filled by the next `up`.
 */
export const installContract: Contract<'Install', InstallInputs, InstallOutputs> = {
  token: 'coppice:index:Install',
  words: 'install for',
  outputs: { milliseconds: undefined },
};

export interface InstallInputs extends OnCluster {
  /** Kubernetes namespace of the environment, which contains the volume's claim and the Job. */
  readonly namespace: string;
  readonly app: string;
  /** The slug. */
  readonly environment: string;
  /** Absolute path of the spec's folder on this machine. */
  readonly folder: string;
  readonly install: InstallPlan;
  readonly source: SourcePlan;
  /** Owner of the worktree, as whom the command runs. */
  readonly uid: number;
  readonly gid: number;
}

export interface InstallOutputs extends InstallInputs {
  /** How long the command took; 0 when the volume was already filled. */
  readonly milliseconds: number;
}
