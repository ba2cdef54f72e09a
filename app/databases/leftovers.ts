import { ofKind } from '../../cli/ui/databases.ts';
import type { Server } from '../../servers/postgres/connection/server.ts';
import { type Inventory, inventory } from '../../servers/postgres/inventory/inventory.ts';
import { findOrphans, type Orphan } from '../../servers/postgres/inventory/orphans.ts';
import { collectTemplates, type UnusedTemplate } from '../../servers/postgres/inventory/unused-templates.ts';
import { existingEnvironments, type Witnesses } from '../target/existing.ts';

/** What nothing on this machine and in this cluster needs any more. */
export interface Leftovers {
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
export async function findLeftovers(server: Server, witnesses: Witnesses, now: Date): Promise<Leftovers> {
  // First the server: an environment's namespace is there before its database, so whoever begins meanwhile is seen.
  const found = await inventory(server);
  // A snapshot needs no environment: what is left of one elsewhere must not keep another's database.
  const marked = ofKind(found.databases, 'clone').map(({ mark }) => mark);
  const existing = await existingEnvironments(marked, witnesses);
  return {
    found,
    known: existing !== undefined,
    orphans: findOrphans(found, existing, now),
    templates: collectTemplates(found, now, templateLimits),
  };
}

/** One line for people: `database wt_shop__old: there is no environment shop/old`. */
export function orphanText(orphan: Orphan): string {
  switch (orphan.kind) {
    case 'role':
      return `role ${orphan.role}: ${orphan.why}`;
    case 'folder':
      return `folder base/${orphan.oid}: ${orphan.why}`;
    default:
      return `database ${orphan.database}: ${orphan.why}`;
  }
}

export function templateText({ database }: UnusedTemplate): string {
  return `template ${database}: nothing uses it`;
}
