import type { Server } from './server.ts';
import type { ServerFacts, SourceFacts } from './strategy.ts';

/** Of a consumer SSD, for a server that does not tell. */
const usualFsync = 0.5;

/**
 * What the server says about itself. `coppice.*` are set by the start script of the platform's server, which tried;
 * the time of an fsync is what those of its log took so far (`track_wal_io_timing`).
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
    fsync: row.major >= 18 ? await fsyncTime(server) : usualFsync,
  };
}

async function fsyncTime(server: Server): Promise<number> {
  const [row] = await server.query<{ each: number | null; off: boolean }>(
    `SELECT current_setting('fsync') = 'off' AS off,
            sum(fsync_time) / nullif(sum(fsyncs), 0) AS each
       FROM pg_stat_io WHERE object = 'wal' AND current_setting('track_wal_io_timing') = 'on'`,
  );
  if (row?.off) return 0;
  return row?.each || usualFsync;
}

/** Files and bytes of a database. Files are 0 to a login that may not list them. */
export async function sourceFacts(server: Server, database: string): Promise<SourceFacts> {
  const [row] = await server.query<{ bytes: number; files: number }>(
    `SELECT pg_database_size(oid)::float8 AS bytes,
            CASE WHEN current_setting('is_superuser') = 'on'
              THEN (SELECT count(*)::int FROM pg_ls_dir('base/' || oid, true, false)) ELSE 0 END AS files
       FROM pg_database WHERE datname = $1`,
    [database],
  );
  return row ?? { bytes: 0, files: 0 };
}
