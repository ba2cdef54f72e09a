import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { readPlatformParts } from '../../core/state/platform-parts.ts';
import { type Inventory, inventory } from '../../servers/postgres/inventory.ts';
import { type PostgresPlace, platformPlace } from '../../servers/postgres/place.ts';
import type { Ports } from '../ports.ts';
import { onServer } from './administer.ts';
import { managedPlace } from './server-place.ts';

/** The databases of each server. At least one of the two is present. */
export interface DatabaseList {
  readonly platform?: Inventory;
  /** The server that the settings name. */
  readonly managed?: Inventory;
}

/** Throws what reaching a server throws. */
export async function listDatabases(ports: Ports): Promise<DatabaseList> {
  const place = await managedPlace();
  if (place === undefined) return { platform: await inventoryOf(platformPlace, ports) };
  const managed = await inventoryOf(() => place, ports);
  if (!(await readPlatformParts()).postgres) return { managed };
  return { platform: await inventoryOf(platformPlace, ports), managed };
}

function inventoryOf(place: (record: ClusterRecord) => PostgresPlace, ports: Ports): Promise<Inventory> {
  return onServer(place, ports, ({ server }) => inventory(server));
}
