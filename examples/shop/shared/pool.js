import pg from 'pg';

/** How many sessions one process has of the database at most. */
export const sessions = 5;

/** Sessions of the database that `url` names; `name` is what `pg_stat_activity` calls them. */
export function openPool(url, name) {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: name,
    max: sessions,
    connectionTimeoutMillis: 5000,
    query_timeout: 5000,
  });
  // A snapshot or a reset of the database ends its sessions. Without a listener that would end the process too; the
  // pool has forgotten the session already, and makes another when it needs one.
  pool.on('error', (error) => console.error(`lost a session: ${error.message}`));
  return pool;
}
