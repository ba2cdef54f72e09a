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

/** The conditions for an environment (or the platform) to be ready: plain data, created by infra/. */
export interface ReadyPlan {
  readonly namespace: string;
  readonly services: readonly ExpectedService[];
  readonly routes: readonly ExpectedRoute[];
  /** Names of services that may fail to start: they are only waited for while they may soon be ready. */
  readonly optional?: readonly string[];
  /** A Gateway in the namespace that must be served: its controller may run without reaching the API. */
  readonly gateway?: string;
  /** Where the routes answer from here; without it they are not requested. */
  readonly http?: HttpPlace;
  /** Headers that every answer of a route must have. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Seconds that a start may take where coppice.yaml has no `ready.timeout`. */
export const defaultTimeoutSeconds = 120;

export interface ExpectedService {
  readonly name: string;
  readonly replicas: number;
  /** Value of the annotation `coppice.dev/config-hash` on the expected pods; any when absent. */
  readonly configHash?: string;
  /** Maximum seconds of a start. */
  readonly timeoutSeconds: number;
}

export interface ExpectedRoute {
  readonly service: string;
  readonly host: string;
  /** The requested path, not the route's prefix. */
  readonly path: string;
  /** It speaks HTTP/2 only: what it answers to a question by HTTP/1.1 does not matter. */
  readonly http2?: true;
  /** Additional or different headers of its answers. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ReadyInputs extends KubeAddress, ReadyPlan {
  /** Hash over everything that was created, so that any change is waited for again. */
  readonly generation: string;
}
