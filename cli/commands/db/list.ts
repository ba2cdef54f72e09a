import { inventory } from '../../../database/inventory.ts';
import { onServer } from '../../db/administer.ts';
import { listing } from '../../db/listing.ts';
import { platformPlace } from '../../db/place.ts';
import type { Command } from '../../ports.ts';

type Nothing = Readonly<Record<string, never>>;

export const list: Command<Nothing> = (_, ports) =>
  onServer(platformPlace, ports, async ({ server }) => listing(await inventory(server), Date.now()));
