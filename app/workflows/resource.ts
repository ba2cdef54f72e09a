import { answersHere } from '../../core/ingress.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { type TemporalOutputs, temporalContract } from '../../resources/temporal-namespace/contract.ts';
import { platformPlace, type TemporalPlace } from '../../servers/temporal/place.ts';
import { resourceOf, type StackState } from '../engine/index.ts';
import type { KeptNamespace } from './presence.ts';

/** A stack's Temporal namespace, from its state. */
export function temporalOf(state: StackState | undefined): TemporalOutputs | undefined {
  return resourceOf(state, temporalContract);
}

/** What the next `up` can query quickly: only the platform's server has a route, and only loopback is reachable. */
export function keptNamespace(
  resource: TemporalOutputs | undefined,
  { ingress, http }: Pick<ClusterRecord, 'ingress' | 'http'>,
): KeptNamespace | undefined {
  if (resource?.server.kind !== 'platform' || !answersHere(ingress)) return undefined;
  return { name: resource.temporal.namespace, id: resource.namespaceId, httpPort: http.port };
}

/** A namespace's server as it is reached now: the platform's port may have changed since it was created. */
export function temporalPlace(
  { server }: Pick<TemporalOutputs, 'server'>,
  record: ClusterRecord,
): TemporalPlace {
  return server.kind === 'platform' ? platformPlace(record) : server;
}
