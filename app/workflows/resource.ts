import { answersHere } from '../../core/ingress.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import type { TemporalInputs } from '../../resources/temporal-namespace/contract.ts';
import { platformPlace, type TemporalPlace } from '../../servers/temporal/place.ts';
import type { StackState } from '../engine/stack-state.ts';
import type { KeptNamespace } from './presence.ts';

/** `coppice:index:TemporalNamespace` as the state of a stack has it. */
export interface TemporalResource extends TemporalInputs {
  /** The id that the server gave the namespace. */
  readonly namespaceId: string;
}

/** The Temporal namespace of a stack, as its state knows it. */
export function temporalOf(state: StackState | undefined): TemporalResource | undefined {
  const resource = state?.resources.find(({ type }) => type === 'coppice:index:TemporalNamespace');
  return resource?.outputs as TemporalResource | undefined;
}

/** What the next `up` can ask for quickly: only the platform's server has a route, and only loopback is at hand. */
export function keptNamespace(
  resource: TemporalResource | undefined,
  { ingress, http }: Pick<ClusterRecord, 'ingress' | 'http'>,
): KeptNamespace | undefined {
  if (resource?.server.kind !== 'platform' || !answersHere(ingress)) return undefined;
  return { name: resource.temporal.namespace, id: resource.namespaceId, httpPort: http.port };
}

/** The server of a namespace as it is reached now: the platform's port may be another one than when it was made. */
export function temporalPlace(
  { server }: Pick<TemporalResource, 'server'>,
  record: ClusterRecord,
): TemporalPlace {
  return server.kind === 'platform' ? platformPlace(record) : server;
}
