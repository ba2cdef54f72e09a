import type { Server } from './server.ts';

/**
 * How many milliseconds ago each of these databases was last written to, by the server's clock: the newest of the files
 * of its own tables and indexes, which a checkpoint writes within minutes. PostgreSQL records no time itself. Reading
 * does not count, except the first time after a write; a vacuum counts. Undefined for a login that may not look at files.
 */
export async function sinceLastWrites(
  server: Server,
  databases: readonly string[],
): Promise<ReadonlyMap<string, number> | undefined> {
  const [{ may } = { may: false }] = await server.query<{ may: boolean }>(
    `SELECT rolsuper OR pg_has_role(current_user, 'pg_read_server_files', 'USAGE') AS may
       FROM pg_roles WHERE rolname = current_user`,
  );
  if (!may) return undefined;
  // What has a smaller number is the catalogue. A file may go away in the meantime.
  const rows = await server.query<{ datname: string; age: number }>(
    `SELECT datname, (extract(epoch FROM now() - max((pg_stat_file(path, true)).modification)) * 1000)::float8 AS age
       FROM pg_database, pg_ls_dir('base/' || oid, true, false) AS file,
            LATERAL (SELECT 'base/' || oid || '/' || file AS path) AS place
      WHERE datname = ANY ($1::text[]) AND file ~ '^[0-9]{5,10}([.][0-9]+)?$'
        AND split_part(file, '.', 1)::bigint >= 16384
      GROUP BY datname`,
    [databases],
  );
  return new Map(rows.flatMap(({ datname, age }) => (age === null ? [] : [[datname, Math.max(0, age)]])));
}
