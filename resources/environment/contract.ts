import type { Contract, OnCluster } from '../contract.ts';
import type { Claimant } from './owner.ts';

/**
 * Owns the namespace of an environment. Absent: created. Ours (its annotations name repository and branch): adopted,
 * with the environment id that is stored on it. Another owner's: refused with both names. Terminating: waited for.
 * Delete starts the namespace's own deletion, deletes the contents at the same time, and returns when nothing answers
 * any more.
 */
export const environmentContract: Contract<'Environment', EnvironmentInputs, EnvironmentOutputs> = {
  token: 'coppice:index:Environment',
  words: 'namespace',
  outputs: { environmentId: undefined, namespace: undefined },
};

export interface EnvironmentInputs extends OnCluster, Claimant {
  readonly app: string;
  readonly slug: string;
  readonly worktree: string;
  readonly commit: string;
  /** Port of the routes on this machine, to check that they stopped answering; absent where they answer elsewhere. */
  readonly httpPort?: number;
}

export interface EnvironmentOutputs extends EnvironmentInputs {
  /** 8 hexadecimal digits, generated once in an environment's life. */
  readonly environmentId: string;
  readonly namespace: string;
}
