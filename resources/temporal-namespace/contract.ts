import type { TemporalPlan } from '../../config/plan/environment-plan.ts';
import type { TemporalPlace } from '../../servers/temporal/place.ts';
import type { Contract, OnCluster } from '../contract.ts';

/**
 * An environment's namespace in Temporal: created, or adopted if the mark in its data allows it, with its retention and
 * search attributes, and usable by its name when this is done. It queries the server for the actual state, so every
 * `up` repairs. Services that use it start after it and have its id on their pods (annotation
 * `coppice.dev/temporal-namespace-id`): a recreated one gets new workers. On a managed server it also keeps the Secret
 * `temporal`, which gives pods the address and the keys; `namespaces: existing` only checks. Delete never checks for
 * workflows (`wt down` does) and succeeds when no server answers: what stays there has its owner's mark, and is found
 * as a leftover.
 */
export const temporalContract: Contract<'TemporalNamespace', TemporalInputs, TemporalOutputs> = {
  token: 'coppice:index:TemporalNamespace',
  words: 'temporal namespace',
  outputs: { namespaceId: undefined, created: undefined },
};

/** No key, no contents of a file. */
export interface TemporalInputs extends OnCluster {
  readonly server: TemporalPlace;
  /** Kubernetes namespace of the environment, which gets the Secret `temporal` where the server is managed. */
  readonly namespace: string;
  readonly app: string;
  /** The slug. */
  readonly environment: string;
  readonly repository: string;
  readonly branch: string;
  readonly worktree: string;
  readonly temporal: TemporalPlan;
}

/** The inputs and the results; keys are in a Secret. */
export interface TemporalOutputs extends TemporalInputs {
  /** Temporal's own id of the namespace: one that was recreated under the same name has another. */
  readonly namespaceId: string;
  /** False when it existed already. */
  readonly created: boolean;
}

/**
 * Set to `1` for one run of the engine, the namespace of a stack that is destroyed is left where it is: the workflows
 * that run in it could not be counted. The platform's is then removed as a leftover.
 */
export const leaveTemporal = 'COPPICE_LEAVE_TEMPORAL';
