import pg from 'pg';

/** Sessions of the database that `url` names; `name` is what `pg_stat_activity` calls them. */
export function openPool(url, name) {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: name,
    max: 5,
    connectionTimeoutMillis: 1500,
    query_timeout: 1500,
  });
  // A snapshot or a reset of the database ends its sessions. Without a listener that would end the process too; the
  // pool has forgotten the session already, and makes another when it needs one.
  pool.on('error', (error) => console.error(`lost a session: ${error.message}`));
  return pool;
}
