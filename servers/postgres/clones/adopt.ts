import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Owner } from '../../../core/owner.ts';
import type { Server } from '../connection/server.ts';
import { readMark, writeMark } from '../marks/mark.ts';
import { roleComment } from '../roles/roles.ts';

/**
 * Registers a database and a login role, just created from a template by other means, as an environment's:
 * they get the comments that `ensureDatabase` looks for. Existing comments are kept.
 */
export async function adoptDatabase(
  server: Server,
  { name, template, owner }: { readonly name: string; readonly template: string; readonly owner: Owner },
): Promise<void> {
  const [database] = await server.query<{ known: boolean }>(
    `SELECT shobj_description(oid, 'pg_database') IS NOT NULL AS known FROM pg_database WHERE datname = $1`,
    [name],
  );
  const [role] = await server.query<{ known: boolean }>(
    `SELECT shobj_description(oid, 'pg_authid') IS NOT NULL AS known FROM pg_roles WHERE rolname = $1`,
    [name],
  );
  if (role && !role.known)
    await server.query(`COMMENT ON ROLE ${escapeIdentifier(name)} IS ${escapeLiteral(roleComment)}`);
  if (!database || database.known) return;
  const from = await readMark(server, template);
  await writeMark(server, name, {
    coppice: 1,
    kind: 'clone',
    template,
    createdAt: new Date().toISOString(),
    migrations: from?.kind === 'template' ? from.migrations : [],
    // The default of CREATE DATABASE; how long it took is unknown.
    strategy: 'wal_log',
    milliseconds: 0,
    origin: { kind: 'template' },
    ...owner,
  });
}
