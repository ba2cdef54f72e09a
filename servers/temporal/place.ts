import type { ManagedTemporalSettings } from '../../config/settings/temporal.ts';
import type { SecretSource } from '../../config/settings/values.ts';
import { defined } from '../../core/defined.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';

/** Where a Temporal server is: enough to reach it, without secrets. */
export type TemporalPlace =
  /** `port`: its port on 127.0.0.1; when absent, it is reached through the API server. */
  { readonly kind: 'platform'; readonly port?: number } | ManagedTemporal;

/** A server that is not ours: where its keys can be found, never the keys themselves. */
export interface ManagedTemporal {
  readonly kind: 'managed';
  /** `host:port` as this machine reaches it. */
  readonly address: string;
  /** `host:port` as pods reach it, if that differs from this machine. */
  readonly cluster?: string;
  /** Absent: no TLS, unless there is an API key. */
  readonly tls?: TemporalTls;
  readonly apiKey?: SecretSource;
  /** `existing`: others create and delete the namespaces (Temporal Cloud); Coppice only checks that one exists. */
  readonly namespaces: 'create' | 'existing';
}

export interface TemporalTls {
  /** Name that the server's certificate must have. Default: the host of the address. */
  readonly serverName?: string;
  /** Absolute paths of PEM files: the certificate authority of the server, this client's certificate and its key. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** The platform's own server. */
export function platformPlace({ temporal }: Pick<ClusterRecord, 'temporal'>): TemporalPlace {
  return { kind: 'platform', ...(temporal && { port: temporal.port }) };
}

/** The server that the settings name. */
export function managedPlace(settings: ManagedTemporalSettings): ManagedTemporal {
  const { address, cluster, tls, apiKey, namespaces } = settings;
  return {
    kind: 'managed',
    address,
    ...(cluster && { cluster }),
    ...(tls && { tls: defined(tls) }),
    ...defined({ apiKey }),
    namespaces,
  };
}

/** Whether Coppice creates and deletes the namespaces of that server. */
export function createsNamespaces(place: TemporalPlace): boolean {
  return place.kind === 'platform' || place.namespaces === 'create';
}
