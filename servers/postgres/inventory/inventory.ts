import { keepsSnapshots, type ServerFacts } from '../clones/strategy.ts';
import { type DiskUse, diskUse } from '../connection/disk.ts';
import { serverFacts } from '../connection/facts.ts';
import type { Server } from '../connection/server.ts';
import { type MarkedDatabase, marks } from '../marks/mark.ts';
import { roleComment } from '../roles/roles.ts';
import { withSizes } from './sizes.ts';

/**
 * The folder of a database that PostgreSQL does not know: what a crash in the middle of a copy leaves behind.
 */
export interface StrayFolder {
  readonly oid: number;
  /** Logical bytes: a clone shares its blocks with the source. */
  readonly bytes: number;
}

/** Everything on a server that is ours or looks like ours. */
export interface Inventory {
  readonly facts: ServerFacts;
  /**
   * Whether it is the platform's server. Any other may serve other machines too, whose worktrees are not
   * visible here.
   */
  readonly own: boolean;
  /**
   * Clones share their blocks with the template: the sum of their sizes is not what they take on the disk.
   */
  readonly sharesBlocks: boolean;
  readonly databases: readonly MarkedDatabase[];
  /** Names of login roles, of environments (`wt_`) and of template builds (`build_`). */
  readonly roles: readonly string[];
  /** Empty for a login that may not list files, and while a database is being created or dropped. */
  readonly strays: readonly StrayFolder[];
  /** Undefined for a login that may not run `df`. */
  readonly disk: DiskUse | undefined;
  /** Hashes and names whose advisory locks are held, as returned by `lockKey`. */
  readonly locks: readonly string[];
  /** Other connections of Coppice: a database without a mark may be theirs. */
  readonly atWork: number;
}

/** Reads everything. Sizes are summed up file by file, so this takes milliseconds per database. */
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

/**
 * The start script of the platform's server sets this to the path of its data; no other server has that
 * setting.
 */
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

/** Lower oids belong to initdb's own databases (FirstNormalObjectId in PostgreSQL's transam.h). */
export const firstUserOid = 16_384;

/**
 * The order matters: CREATE DATABASE creates the folder first and its row becomes visible last. So: list the
 * folders, then check for a running CREATE, and only then read which folders have a row.
 */
export async function strayFolders(server: Server): Promise<StrayFolder[]> {
  const folders = await server.query<{ name: string }>(
    String.raw`SELECT name FROM pg_ls_dir('base', true, false) AS name WHERE name ~ '^\d{5,10}$'`,
  );
  // CREATE and DROP DATABASE take this lock before they touch a folder and hold it until they commit.
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

/** pg_locks shows the 64 bits of a key as two 32-bit numbers; objsubid = 1 means that it was one number. */
async function heldLocks(server: Server): Promise<string[]> {
  const rows = await server.query<{ key: string }>(
    `SELECT DISTINCT ((classid::bigint << 32) | objid::bigint)::text AS key FROM pg_locks
      WHERE locktype = 'advisory' AND objsubid = 1 AND granted`,
  );
  return rows.map(({ key }) => key);
}

/** A session's application name is visible to every role, unlike its statement. */
export async function othersAtWork(server: Server): Promise<number> {
  const [row] = await server.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE application_name = 'coppice' AND pid <> pg_backend_pid()`,
  );
  return row?.count ?? 0;
}
