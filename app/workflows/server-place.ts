import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { platformPlace, type TemporalPlace } from '../../servers/temporal/place.ts';
import type { TemporalResource } from './resource.ts';

/** The server of a namespace as it is reached now: the platform's port may be another one than when it was made. */
export function placeOf({ server }: Pick<TemporalResource, 'server'>, record: ClusterRecord): TemporalPlace {
  return server.kind === 'platform' ? platformPlace(record) : server;
}
