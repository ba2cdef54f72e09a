import type { TemporalPlan } from '../../config/plan/environment-plan.ts';
import type { TemporalPlace } from '../../servers/temporal/place.ts';
import type { Contract, OnCluster } from '../contract.ts';

/**
 * An environment's namespace in Temporal: made, or adopted if the mark in its data says so, brought to its retention and
 * search attributes, and done when what starts by its name lands in it. Asks the server what there is, so every `up`
 * repairs. Services that use it start after it and carry its id on their pods (annotation
 * `coppice.dev/temporal-namespace-id`): one that was recreated gets new workers. On a managed server it also keeps the
 * Secret `temporal`, which says to pods where and with which keys; `namespaces: existing` only looks. Delete never asks
 * for workflows (`wt down` does) and goes through when no server answers: what stays there says whose it was, and is
 * found as a leftover.
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

/** Beside the inputs what became of them: keys are in a Secret. */
export interface TemporalOutputs extends TemporalInputs {
  /** What Temporal itself knows the namespace by: one that was recreated under the same name has another. */
  readonly namespaceId: string;
  /** False when it was there already. */
  readonly created: boolean;
}

/**
 * Set to `1` for one run of the engine, the namespace of a stack that goes is left where it is: nobody could count the
 * workflows that run in it. The platform's is then removed as a leftover.
 */
export const leaveTemporal = 'COPPICE_LEAVE_TEMPORAL';
