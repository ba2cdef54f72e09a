import { escapeIdentifier, escapeLiteral } from 'pg';
import { CoppiceError } from '../../../core/errors.ts';
import type { Server } from '../connection/server.ts';
import { open, seal } from '../connection/sessions.ts';
import { lockKey } from '../marks/private-names.ts';
import { scramVerifier } from './scram.ts';

/** Access rights of one database. */
export interface Access {
  readonly database: string;
  /** The only role that may connect to it, apart from superusers. */
  readonly login: string;
  readonly password: string;
  /** Role without login that owns every object in it. */
  readonly owner: string;
}

/** The comment on our roles: a role without it is not ours. */
export const roleComment = 'made by Coppice';

/** Only a superuser may state these, and a role created by anyone else lacks those rights anyway. */
const noRights = 'NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS';

/**
 * Creates or repairs both roles and the rights on the database, in one transaction. Sessions of the login
 * role act as the owner from their first statement on (`SET role`), so a table that a migration creates in
 * one clone belongs to the same role as those of the template, and the next migration may alter both. CONNECT
 * is granted to the login itself: if the owner had it, every environment of the app could connect to this
 * database through its membership. Throws COPPICE_CLAIMED when one of the roles is not ours.
 */
export async function grantAccess(server: Server, access: Access): Promise<void> {
  await refuseForeignRoles(server, [access.owner, access.login]);
  const { superuser } = await who(server);
  const [database, login, owner] = [access.database, access.login, access.owner].map(escapeIdentifier);
  const rights = superuser ? noRights : '';
  const password = escapeLiteral(scramVerifier(access.password));
  await changeRoles(server, [
    createRole(access.owner, `NOLOGIN ${rights}`),
    createRole(access.login, `LOGIN ${rights}`),
    `ALTER ROLE ${login} LOGIN ${rights} PASSWORD ${password}`,
    `GRANT ${owner} TO ${login}`,
    // A login without superuser rights must be a member to hand over objects and to end sessions.
    ...(superuser ? [] : [`GRANT ${owner}, ${login} TO CURRENT_USER`]),
    `REVOKE ALL ON DATABASE ${database} FROM PUBLIC`,
    `GRANT CONNECT ON DATABASE ${database} TO ${login}`,
    `GRANT CREATE, TEMPORARY ON DATABASE ${database} TO ${owner}`,
    `ALTER ROLE ${login} IN DATABASE ${database} SET role TO ${owner}`,
  ]);
}

/**
 * Drops a login role with all its rights. Objects that it created under its own name (after SET ROLE NONE) go
 * to the owner first, in its database and in its sealed snapshots. Does nothing when there is no such role,
 * or it is not ours.
 */
export async function dropLogin(server: Server, login: string, owner: string): Promise<void> {
  const [role] = await server.query<{ ours: boolean }>(
    `SELECT shobj_description(oid, 'pg_authid') = $2 AS ours FROM pg_roles WHERE rolname = $1`,
    [login, roleComment],
  );
  if (!role?.ours) return;
  const name = escapeIdentifier(login);
  for (const { database, sealed } of await databasesWith(server, login)) {
    if (sealed) {
      await server.query(`REVOKE ALL ON DATABASE ${escapeIdentifier(database)} FROM PUBLIC`);
      await open(server, database);
    }
    const inside = await server.in(database);
    await inside
      .query(`REASSIGN OWNED BY ${name} TO ${escapeIdentifier(owner)}; DROP OWNED BY ${name}`)
      .finally(inside.close);
    if (sealed) await seal(server, database);
  }
  const granted = await server.query<{ name: string }>(
    `SELECT datname AS name FROM pg_database, aclexplode(datacl) AS acl
      WHERE acl.grantee = (SELECT oid FROM pg_roles WHERE rolname = $1)`,
    [login],
  );
  await changeRoles(server, [
    ...granted.map(
      ({ name: database }) => `REVOKE ALL ON DATABASE ${escapeIdentifier(database)} FROM ${name}`,
    ),
    `DROP ROLE IF EXISTS ${name}`,
  ]);
}

/** Prevents new sessions of a role, in any database. Existing sessions stay. */
export async function suspendLogin(server: Server, login: string): Promise<void> {
  const [role] = await server.query('SELECT FROM pg_roles WHERE rolname = $1 AND rolcanlogin', [login]);
  if (role) await changeRoles(server, [`ALTER ROLE ${escapeIdentifier(login)} NOLOGIN`]);
}

/** Databases in which a role owns something or was granted something. */
function databasesWith(server: Server, login: string): Promise<{ database: string; sealed: boolean }[]> {
  return server.query(
    `SELECT DISTINCT datname AS database, NOT datallowconn AS sealed
       FROM pg_shdepend JOIN pg_database d ON d.oid = dbid
      WHERE refclassid = 'pg_authid'::regclass AND datconnlimit <> -2
        AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = $1)`,
    [login],
  );
}

/**
 * Revokes access to `postgres` and `template1` from every role without rights of its own there, unless that
 * is done already.
 */
export async function closeServer(server: Server): Promise<void> {
  if (!(await who(server)).superuser) return;
  const rows = await server.query<{ name: string }>(
    `SELECT datname AS name FROM pg_database
      WHERE datname IN ('postgres', 'template1')
        AND (datacl IS NULL OR EXISTS (SELECT FROM aclexplode(datacl) WHERE grantee = 0))`,
  );
  await changeRoles(
    server,
    rows.map(({ name }) => `REVOKE ALL ON DATABASE ${escapeIdentifier(name)} FROM PUBLIC`),
  );
}

async function who(server: Server): Promise<{ superuser: boolean }> {
  const [row] = await server.query<{ superuser: boolean }>(
    `SELECT current_setting('is_superuser') = 'on' AS superuser`,
  );
  return { superuser: row?.superuser ?? false };
}

async function refuseForeignRoles(server: Server, names: readonly string[]): Promise<void> {
  const [foreign] = await server.query<{ name: string }>(
    `SELECT rolname AS name FROM pg_roles
      WHERE rolname = ANY($1) AND shobj_description(oid, 'pg_authid') IS DISTINCT FROM $2`,
    [names, roleComment],
  );
  if (!foreign) return;
  throw new CoppiceError('COPPICE_CLAIMED', `role ${foreign.name} exists but was not created by Coppice`, {
    hint: 'rename that role, or give the app another name',
  });
}

function createRole(name: string, options: string): string {
  const role = escapeIdentifier(name);
  return `DO $make$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${escapeLiteral(name)}) THEN
      CREATE ROLE ${role} ${options};
      COMMENT ON ROLE ${role} IS ${escapeLiteral(roleComment)};
    END IF;
  END $make$`;
}

/**
 * In one transaction (the default for a text of several statements), and one call after the other on the
 * whole server: when two change the same row of a catalogue at once, PostgreSQL does not wait but fails
 * ("tuple concurrently updated").
 */
async function changeRoles(server: Server, statements: readonly string[]): Promise<void> {
  if (statements.length === 0) return;
  await server.query([`SELECT pg_advisory_xact_lock(${lockKey('roles')})`, ...statements].join(';\n'));
}
