import type { ManagedPostgresSettings } from '../../config/settings/settings.ts';
import type { SecretSource } from '../../config/settings/values.ts';
import { defined } from '../../core/defined.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';

/** Where a PostgreSQL server is: enough to reach it, without secrets. */
export type PostgresPlace =
  /** `port`: its port on 127.0.0.1; when absent, it is reached through the API server. */
  { readonly kind: 'platform'; readonly port?: number } | ManagedPostgres;

/** A server that is not ours: where its URL can be found, never the URL itself. */
export interface ManagedPostgres {
  readonly kind: 'managed';
  readonly url: SecretSource;
  /** Where pods reach it, if that differs from this machine. */
  readonly address?: PostgresAddress;
  /** Role, database and grants are resources of @pulumi/postgresql. */
  readonly resources?: 'postgresql';
}

export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
}

/** The platform's own server. */
export function platformPlace({ postgres }: Pick<ClusterRecord, 'postgres'>): PostgresPlace {
  return { kind: 'platform', ...(postgres && { port: postgres.port }) };
}

/** The server that the settings name. */
export function managedPlace(settings: ManagedPostgresSettings): ManagedPostgres {
  const { url, cluster: address, resources } = settings;
  return { kind: 'managed', url, ...defined({ address }), ...(resources && { resources }) };
}
