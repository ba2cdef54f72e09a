import type { KubeAddress } from '../../cluster/kube/client.ts';
import type { HttpPlace } from '../../core/http.ts';
import type { Contract } from '../contract.ts';

/**
 * Depends on everything else and is the one wait: for pods, and for routes that answer with the environment's id. Fails
 * with the service, the reason and its last 20 log lines.
 */
export const readyContract: Contract<'Ready', ReadyInputs, ReadyInputs, 'headers'> = {
  token: 'coppice:index:Ready',
  words: 'all services ready',
  unnamed: true,
  outputs: {},
};

/** What must be so for an environment (or the platform) to be ready: plain data, made by infra/. */
export interface ReadyPlan {
  readonly namespace: string;
  readonly services: readonly ExpectedService[];
  readonly routes: readonly ExpectedRoute[];
  /** A Gateway in the namespace that must be served: its controller may run and yet not reach the API. */
  readonly gateway?: string;
  /** Where the routes answer from here; without it they are not asked. */
  readonly http?: HttpPlace;
  /** What every answer of a route must carry. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ExpectedService {
  readonly name: string;
  readonly replicas: number;
  /** Value of the annotation `coppice.dev/config-hash` on the pods that are meant; any when absent. */
  readonly configHash?: string;
  /** Seconds that a start may take. */
  readonly timeoutSeconds: number;
}

export interface ExpectedRoute {
  readonly service: string;
  readonly host: string;
  /** Path that is asked, not the route's prefix. */
  readonly path: string;
  /** What its answers must carry besides, or instead. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ReadyInputs extends KubeAddress, ReadyPlan {
  /** Hash over everything that was made, so that any change is waited for anew. */
  readonly generation: string;
}
