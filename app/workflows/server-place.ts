import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import type { TemporalPlace } from '../../resources/temporal-namespace/contract.ts';
import type { TemporalResource } from './resource.ts';

/** The platform's own server. */
export function platformTemporal({ temporal }: Pick<ClusterRecord, 'temporal'>): TemporalPlace {
  return { kind: 'platform', ...(temporal && { port: temporal.port }) };
}

/** The server of a namespace as it is reached now: the platform's port may be another one than when it was made. */
export function placeOf({ server }: Pick<TemporalResource, 'server'>, record: ClusterRecord): TemporalPlace {
  return server.kind === 'platform' ? platformTemporal(record) : server;
}
