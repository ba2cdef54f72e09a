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

/** What is no longer needed on this machine and in this cluster. */
export interface DatabaseLeftovers {
  readonly found: Inventory;
  /** False when stacks, cluster or git could not be queried: then nothing is a leftover. */
  readonly known: boolean;
  readonly orphans: readonly Orphan[];
  readonly templates: readonly UnusedTemplate[];
}

const day = 24 * 60 * 60 * 1000;

/**
 * A template is removed after being unused for that long; with less free disk than that, the longest unused at once.
 */
const templateLimits = { maxAge: 14 * day, freeBytes: 5e9 };

/** Changes nothing. */
export async function findDatabaseLeftovers(
  server: Server,
  environments: KnownEnvironments,
  now: Date,
): Promise<DatabaseLeftovers> {
  // The server first: an environment's namespace exists before its database, so a concurrent `up` is seen.
  const found = await inventory(server);
  // A snapshot needs no environment: a leftover of one elsewhere must not keep another's database.
  const marked = markedAs(found.databases, 'clone').map(({ mark }) => mark);
  const existing = await environments.existing(marked);
  return {
    found,
    known: existing !== undefined,
    orphans: findOrphans(found, existing, now),
    templates: unusedTemplates(found, now, templateLimits),
  };
}

/** An orphan in the form common to all shared servers. */
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
