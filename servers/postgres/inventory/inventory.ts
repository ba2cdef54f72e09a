import { keepsSnapshots, type ServerFacts } from '../clones/strategy.ts';
import { type DiskUse, diskUse } from '../connection/disk.ts';
import { serverFacts } from '../connection/facts.ts';
import type { Server } from '../connection/server.ts';
import { type MarkedDatabase, marks } from '../marks/mark.ts';
import { roleComment } from '../roles/roles.ts';
import { withSizes } from './sizes.ts';

/** A folder of a database that PostgreSQL does not know: what a crash in the middle of a copy leaves behind. */
export interface StrayFolder {
  readonly oid: number;
  /** Logical bytes: what is cloned shares its blocks with the source. */
  readonly bytes: number;
}

/** Everything on a server that is ours or looks like it. */
export interface Inventory {
  readonly facts: ServerFacts;
  /** The platform's server. One that is not ours may serve other machines too, whose worktrees we cannot see. */
  readonly own: boolean;
  /** Clones share their blocks with the template: the sum of their sizes says nothing about the disk. */
  readonly sharesBlocks: boolean;
  readonly databases: readonly MarkedDatabase[];
  /** Login roles by name, of environments (`wt_`) and of template builds (`build_`). */
  readonly roles: readonly string[];
  /** Empty to a login that may not look, and while somebody creates or drops a database. */
  readonly strays: readonly StrayFolder[];
  /** Undefined to a login that may not run `df`. */
  readonly disk: DiskUse | undefined;
  /** Hashes and names whose advisory locks are held, as `lockKey` makes them. */
  readonly locks: readonly string[];
  /** Other connections of Coppice: what has no mark yet may be theirs. */
  readonly atWork: number;
}

/** Reads it all. Sizes are counted file by file, so this takes milliseconds per database. */
export async function inventory(server: Server): Promise<Inventory> {
  const facts = await serverFacts(server);
  return {
    facts,
    own: await isOwn(server),
    sharesBlocks: keepsSnapshots(facts),
    databases: await withSizes(server, await marks(server)),
    roles: await loginRoles(server),
    strays: facts.superuser ? await strayFolders(server) : [],
    disk: facts.superuser ? await diskUse(server) : undefined,
    locks: await heldLocks(server),
    atWork: await othersAtWork(server),
  };
}

/** The start script of the platform's server says where its data lie; no other server has that setting. */
async function isOwn(server: Server): Promise<boolean> {
  const [row] = await server.query<{ own: boolean }>(
    `SELECT coalesce(current_setting('coppice.volume', true), '') <> '' AS own`,
  );
  return row?.own ?? false;
}

async function loginRoles(server: Server): Promise<string[]> {
  const rows = await server.query<{ name: string }>(
    String.raw`SELECT rolname AS name FROM pg_roles
                WHERE shobj_description(oid, 'pg_authid') = $1
                  AND (rolname LIKE 'wt\_%' OR rolname LIKE 'build\_%') ORDER BY rolname`,
    [roleComment],
  );
  return rows.map(({ name }) => name);
}

/** Oids below are of initdb's own databases (FirstNormalObjectId in PostgreSQL's transam.h). */
export const firstUserOid = 16_384;

/**
 * The order counts: CREATE DATABASE makes the folder first and its row is seen last, so folders are listed first, then
 * who creates is looked for, and only then is asked which folders have a row.
 */
export async function strayFolders(server: Server): Promise<StrayFolder[]> {
  const folders = await server.query<{ name: string }>(
    String.raw`SELECT name FROM pg_ls_dir('base', true, false) AS name WHERE name ~ '^\d{5,10}$'`,
  );
  // CREATE and DROP DATABASE hold this lock from before they touch a folder until they are committed.
  const [creating] = await server.query(
    `SELECT FROM pg_locks WHERE relation = 'pg_database'::regclass AND mode = 'RowExclusiveLock' AND granted
        AND pid <> pg_backend_pid()`,
  );
  if (creating) return [];
  return server.query<{ oid: number; bytes: number }>(
    `SELECT folder::oid AS oid,
            (SELECT coalesce(sum((pg_stat_file('base/' || folder || '/' || file, true)).size), 0)::float8
               FROM pg_ls_dir('base/' || folder, true, false) AS file) AS bytes
       FROM unnest($1::text[]) AS folder
      WHERE folder::bigint >= $2 AND folder::oid NOT IN (SELECT oid FROM pg_database)
      ORDER BY folder::oid`,
    [folders.map(({ name }) => name), firstUserOid],
  );
}

/** pg_locks shows the 64 bits of a key as two numbers of 32; 1 says that it was one number. */
async function heldLocks(server: Server): Promise<string[]> {
  const rows = await server.query<{ key: string }>(
    `SELECT DISTINCT ((classid::bigint << 32) | objid::bigint)::text AS key FROM pg_locks
      WHERE locktype = 'advisory' AND objsubid = 1 AND granted`,
  );
  return rows.map(({ key }) => key);
}

/** The name of a session's application is shown to everybody, unlike what it does. */
export async function othersAtWork(server: Server): Promise<number> {
  const [row] = await server.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE application_name = 'coppice' AND pid <> pg_backend_pid()`,
  );
  return row?.count ?? 0;
}
