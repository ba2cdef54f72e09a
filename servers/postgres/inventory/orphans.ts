import { defined } from '../../../core/defined.ts';
import { databaseName } from '../../../core/names.ts';
import type { ExistingEnvironment } from '../../../core/owner.ts';
import type { MarkedDatabase } from '../marks/mark.ts';
import { lockKey } from '../marks/private-names.ts';
import { isExpired, keptUntil } from '../marks/snapshot-mark.ts';
import type { Inventory } from './inventory.ts';

/**
 * What nothing needs any more. `clone`: its environment is gone. `snapshot`: it has expired. `build`: an
 * unfinished template whose build has ended. `broken`: a DROP DATABASE was interrupted. `unmarked`: an
 * unfinished copy whose process ended before it wrote the mark. `closed`: the database of an environment that
 * a command closed and did not reopen because it was killed; it is reopened.
 */
export type Orphan =
  | {
      readonly kind: 'clone' | 'snapshot' | 'build' | 'broken' | 'unmarked' | 'closed';
      readonly database: string;
      /** Checked again before it is removed: by then the name may belong to another database. */
      readonly oid: number;
      readonly why: string;
      readonly sessions: number;
      readonly bytes?: number;
    }
  | { readonly kind: 'role'; readonly role: string; readonly why: string }
  | { readonly kind: 'folder'; readonly oid: number; readonly why: string; readonly bytes: number };

/**
 * What may be removed, derived from the environments that exist. Undefined means that they could not all be
 * listed: then nothing is an orphan. On a server that is not ours only what its own mark declares finished:
 * environments of other machines look like orphans from here.
 */
export function findOrphans(
  inventory: Inventory,
  existing: readonly ExistingEnvironment[] | undefined,
  now: Date,
): Orphan[] {
  if (!existing) return [];
  const databases = inventory.databases.flatMap((database): Orphan[] => {
    const found = verdict(database, inventory, existing, now);
    if (!found) return [];
    const { name, oid, sessions, bytes } = database;
    return [{ ...found, database: name, oid, sessions, ...defined({ bytes }) }];
  });
  const roles = orphanRoles(inventory, existing).map(
    (role): Orphan => ({ kind: 'role', role, why: 'it has no database' }),
  );
  const folders = inventory.strays.map(
    ({ oid, bytes }): Orphan => ({ kind: 'folder', oid, bytes, why: 'a copy was cut short by a crash' }),
  );
  return [...databases, ...roles, ...folders];
}

interface Verdict {
  readonly kind: Exclude<Orphan['kind'], 'role' | 'folder'>;
  readonly why: string;
}

function verdict(
  { mark, broken, allowsConnections }: MarkedDatabase,
  { own, locks, atWork }: Inventory,
  existing: readonly ExistingEnvironment[],
  now: Date,
): Verdict | undefined {
  if (broken) return own || mark ? { kind: 'broken', why: 'dropping it was interrupted' } : undefined;
  switch (mark?.kind) {
    case 'template':
      return undefined;
    case 'building':
      return locks.includes(lockKey(mark.hash))
        ? undefined
        : { kind: 'build', why: 'its build stopped before it was complete' };
    case 'snapshot':
      return isExpired(mark, now)
        ? { kind: 'snapshot', why: `it was kept until ${keptUntil(mark.takenAt).toISOString()}` }
        : undefined;
    case 'clone':
      if (own && !isThere(mark, existing) && !waitsForUp(mark, now)) {
        return { kind: 'clone', why: `there is no environment ${mark.app}/${mark.environment}` };
      }
      return allowsConnections || atWork > 0
        ? undefined
        : { kind: 'closed', why: 'the command that closed it never reopened it' };
    case undefined:
      // Ours are closed until they have a mark; an open one with such a name is not ours.
      return own && !allowsConnections && atWork === 0
        ? { kind: 'unmarked', why: 'the program that was creating it stopped before it was complete' }
        : undefined;
  }
}

function isThere(
  { app, environment }: ExistingEnvironment,
  existing: readonly ExistingEnvironment[],
): boolean {
  return existing.some((one) => one.app === app && one.environment === environment);
}

/** Brought back by `wt db undo` after `wt down`, or forked: its environment follows with the next `wt up`. */
function waitsForUp(mark: Extract<MarkedDatabase['mark'], { kind: 'clone' }>, now: Date): boolean {
  return mark.origin.kind !== 'template' && keptUntil(mark.createdAt) >= now;
}

/** The role of an environment or of a build has the name of its database. */
function orphanRoles(
  { own, roles, databases, atWork }: Inventory,
  existing: readonly ExistingEnvironment[],
): string[] {
  if (!own || atWork > 0) return [];
  const needed = new Set([
    ...databases.map(({ name }) => name),
    ...existing.map(({ app, environment }) => databaseName(app, environment)),
  ]);
  return roles.filter((role) => !needed.has(role));
}
