import { onServer } from '../../../app/databases/administer.ts';
import { managedPlace } from '../../../app/databases/server-place.ts';
import type { Command, Ports, Result } from '../../../app/ports.ts';
import type { ClusterRecord } from '../../../core/state/cluster-record.ts';
import { readPlatformParts } from '../../../core/state/platform-parts.ts';
import { inventory } from '../../../servers/postgres/inventory/inventory.ts';
import { type PostgresPlace, platformPlace } from '../../../servers/postgres/place.ts';
import { listing } from '../../ui/databases.ts';

type Nothing = Readonly<Record<string, never>>;

/** The platform's server, and below it the managed one where the settings name one. */
export const list: Command<Nothing> = async (_, ports) => {
  const managed = await managedPlace();
  if (managed === undefined) return listed(platformPlace, ports);
  const elsewhere = await listed(() => managed, ports);
  if (!(await readPlatformParts()).postgres) return { ...elsewhere, json: { managed: elsewhere.json } };
  const own = await listed(platformPlace, ports);
  return {
    text: `${own.text}\n\nthe managed server\n\n${elsewhere.text}`,
    json: { ...(own.json as object), managed: elsewhere.json },
  };
};

function listed(place: (record: ClusterRecord) => PostgresPlace, ports: Ports): Promise<Result> {
  return onServer(place, ports, async ({ server }) => listing(await inventory(server), Date.now()));
}
