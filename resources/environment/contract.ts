import type { Contract, OnCluster } from '../contract.ts';
import type { Claimant } from './owner.ts';

/**
 * Owns the namespace of an environment. Absent: created. Ours (its annotations name repository and branch): adopted, with
 * the environment id that is stored on it. Somebody else's: refused with both names. Terminating: waited for. Delete
 * starts the namespace's own deletion, ends the contents at the same time, and is done when nothing answers.
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
  /** Where routes answer on this machine, to see that they ceased to; absent where they answer elsewhere. */
  readonly httpPort?: number;
}

export interface EnvironmentOutputs extends EnvironmentInputs {
  /** 8 hexadecimal digits, made once in an environment's life. */
  readonly environmentId: string;
  readonly namespace: string;
}
