import type { ServerFacts, SourceFacts } from '../clones/strategy.ts';
import type { Server } from './server.ts';

/**
 * Typical of a consumer SSD, in milliseconds: used where fsync times do not matter, and as the maximum. A
 * slower disk is busy, and then bytes take longer too.
 */
const usualFsync = 0.5;

/**
 * What the server reports about itself. `coppice.*` are set by the start script of the platform's server,
 * which tried it out.
 */
export async function serverFacts(server: Server): Promise<ServerFacts> {
  const [row] = await server.query<{
    major: number;
    superuser: boolean;
    reflink: string | null;
    fileSystem: string | null;
  }>(
    `SELECT current_setting('server_version_num')::int / 10000 AS major,
            current_setting('is_superuser') = 'on' AS superuser,
            current_setting('coppice.reflink', true) AS reflink,
            nullif(current_setting('coppice.file_system', true), '') AS "fileSystem"`,
  );
  if (!row) throw new Error('a SELECT without FROM gives one row');
  return {
    major: row.major,
    superuser: row.superuser,
    reflink: row.reflink === 'on',
    fileSystem: row.fileSystem ?? undefined,
    fsync: row.major >= 18 && row.superuser ? await fsyncTime(server) : usualFsync,
  };
}

/**
 * The shortest of five flushes of an empty message to the WAL. The WAL figures of `pg_stat_io` would cost
 * nothing, but after a restore they are the times of 16 MB segments: 40 times too long.
 */
async function fsyncTime(server: Server): Promise<number> {
  const [row] = await server.query<{ milliseconds: number }>(
    `SELECT min(extract(epoch FROM after - before) * 1000)::float8 AS milliseconds
       FROM (SELECT clock_timestamp() AS before, pg_logical_emit_message(false, 'coppice', '', true),
                    clock_timestamp() AS after FROM generate_series(1, 5)) AS flushes`,
  );
  return Math.min(row?.milliseconds ?? usualFsync, usualFsync);
}

/** Files and bytes of a database. Files are 0 for a login that may not list them. */
export async function sourceFacts(server: Server, database: string): Promise<SourceFacts> {
  const [row] = await server.query<{ oid: string; bytes: number; superuser: boolean }>(
    `SELECT oid::text, pg_database_size(oid)::float8 AS bytes, current_setting('is_superuser') = 'on' AS superuser
       FROM pg_database WHERE datname = $1`,
    [database],
  );
  if (!row) return { bytes: 0, files: 0 };
  // A query of its own: PostgreSQL checks the permission to call pg_ls_dir even inside a CASE.
  const [listed] = row.superuser
    ? await server.query<{ files: number }>(
        `SELECT count(*)::int AS files FROM pg_ls_dir('base/' || $1, true, false)`,
        [row.oid],
      )
    : [];
  return { bytes: row.bytes, files: listed?.files ?? 0 };
}
