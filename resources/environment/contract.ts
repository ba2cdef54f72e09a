import type { Claimant } from './owner.ts';

/** Inputs of `coppice:index:Environment`. */
export interface EnvironmentInputs extends Claimant {
  /** Path, never contents: the state holds no credentials. */
  readonly kubeconfig: string;
  readonly context: string;
  /** uid of the namespace kube-system of the cluster that is meant; nothing is made or deleted on another. */
  readonly cluster: string;
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
