import type { ServerPlace } from '../../../config/database-inputs.ts';
import { inventory } from '../../../database/inventory.ts';
import type { ClusterRecord } from '../../../state/cluster-record.ts';
import { readPlatformParts } from '../../../state/platform-parts.ts';
import { onServer } from '../../db/administer.ts';
import { listing } from '../../db/listing.ts';
import { managedPlace, platformPlace } from '../../db/place.ts';
import type { Command, Ports, Result } from '../../ports.ts';

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

function listed(place: (record: ClusterRecord) => ServerPlace, ports: Ports): Promise<Result> {
  return onServer(place, ports, async ({ server }) => listing(await inventory(server), Date.now()));
}
