import type { Server } from '../connection/server.ts';
import type { MarkedDatabase } from '../marks/mark.ts';

/**
 * The same databases with their logical bytes, where the login may read them. Only ours: a managed server
 * refuses the sizes of other databases. Slow, because the server stats every file.
 */
export async function withSizes(
  server: Server,
  databases: readonly MarkedDatabase[],
): Promise<MarkedDatabase[]> {
  const rows = await server.query<{ oid: number; bytes: number }>(
    `SELECT oid, pg_database_size(oid)::float8 AS bytes FROM pg_database
      WHERE oid = ANY ($1::oid[]) AND datconnlimit <> -2 AND has_database_privilege(oid, 'CONNECT')`,
    [databases.map(({ oid }) => oid)],
  );
  const sizes = new Map(rows.map(({ oid, bytes }) => [oid, bytes]));
  return databases.map((database) => {
    const bytes = sizes.get(database.oid);
    return bytes === undefined ? database : { ...database, bytes };
  });
}
