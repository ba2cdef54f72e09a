import type { Leftover } from '../../core/sweep.ts';
import { markedAs } from '../../servers/postgres/databases.ts';
import {
  findOrphans,
  type Inventory,
  inventory,
  type Orphan,
  type UnusedTemplate,
  unusedTemplates,
} from '../../servers/postgres/inventory.ts';
import type { Server } from '../../servers/postgres/server.ts';
import type { KnownEnvironments } from '../context.ts';

/** What nothing on this machine and in this cluster needs any more. */
export interface DatabaseLeftovers {
  readonly found: Inventory;
  /** False when stacks, cluster or git could not be asked: then nothing is a leftover. */
  readonly known: boolean;
  readonly orphans: readonly Orphan[];
  readonly templates: readonly UnusedTemplate[];
}

const day = 24 * 60 * 60 * 1000;

/** Unused for that long, a template goes; with less free disk than that, the longest unused at once. */
const templateLimits = { maxAge: 14 * day, freeBytes: 5e9 };

/** Changes nothing. */
export async function findDatabaseLeftovers(
  server: Server,
  environments: KnownEnvironments,
  now: Date,
): Promise<DatabaseLeftovers> {
  // First the server: an environment's namespace is there before its database, so whoever begins meanwhile is seen.
  const found = await inventory(server);
  // A snapshot needs no environment: what is left of one elsewhere must not keep another's database.
  const marked = markedAs(found.databases, 'clone').map(({ mark }) => mark);
  const existing = await environments.existing(marked);
  return {
    found,
    known: existing !== undefined,
    orphans: findOrphans(found, existing, now),
    templates: unusedTemplates(found, now, templateLimits),
  };
}

/** An orphan as every shared server has its leftovers. */
export function orphanLeftover(orphan: Orphan): Leftover {
  const { why } = orphan;
  switch (orphan.kind) {
    case 'role':
      return { kind: 'role', name: orphan.role, why };
    case 'folder':
      return { kind: 'folder', name: `base/${orphan.oid}`, why };
    default:
      return { kind: 'database', name: orphan.database, why };
  }
}

export function templateLeftover({ database }: UnusedTemplate): Leftover {
  return { kind: 'template', name: database, why: 'nothing uses it' };
}
