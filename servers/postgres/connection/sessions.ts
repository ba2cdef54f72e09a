import { escapeIdentifier } from 'pg';
import { CoppiceError } from '../../../core/errors.ts';
import { until } from '../../../core/until.ts';
import { isRefusal, type Server } from './server.ts';

/** A session in a database. */
export interface Session {
  readonly pid: number;
  readonly user: string;
  /** `application_name`, empty when the client sets none. */
  readonly application: string;
  /** Address of the client, or `local`. */
  readonly client: string;
  /** `idle`, `active`, ...; `unknown` to a login that may not see it. */
  readonly state: string;
  /** Since it connected. */
  readonly ageSeconds: number;
}

/** Autovacuum workers do not count: the server ends them itself when the database is needed. */
export async function sessions(server: Server, database: string): Promise<Session[]> {
  return server.query<Session & Record<string, unknown>>(
    `SELECT pid, coalesce(usename, backend_type, '?') AS user, coalesce(application_name, '') AS application,
            coalesce(host(client_addr), 'local') AS client, coalesce(state, 'unknown') AS state,
            coalesce(extract(epoch FROM clock_timestamp() - backend_start), 0)::int AS "ageSeconds"
       FROM pg_stat_activity
      WHERE datname = $1 AND pid <> pg_backend_pid() AND backend_type IS DISTINCT FROM 'autovacuum worker'
      ORDER BY backend_start`,
    [database],
  );
}

/**
 * Throws COPPICE_DATABASE_IN_USE with the sessions. CREATE, RENAME and DROP DATABASE would report them too,
 * after five seconds of polling (CountOtherDBBackends in PostgreSQL's procarray.c); this takes a millisecond.
 */
export async function refuseSessions(
  server: Server,
  database: string,
  hint: string,
  own: OwnClients = [],
): Promise<void> {
  const found = foreignTo(own, await sessions(server, database));
  if (found.length > 0) throw inUseError(database, found, hint);
}

/**
 * Addresses of the pods of the environment whose database it is. Their sessions are in nobody's way: they are
 * ended, and their pools connect again.
 */
export type OwnClients = readonly string[];

export function foreignTo(own: OwnClients, found: readonly Session[]): Session[] {
  return found.filter(({ client }) => !own.includes(client));
}

export function inUseError(database: string, found: readonly Session[], hint: string): CoppiceError {
  const lines = found.map(
    ({ user, application, client, state, ageSeconds }) =>
      `  ${application || user} from ${client}, ${state}, for ${ageSeconds} s`,
  );
  return new CoppiceError(
    'COPPICE_DATABASE_IN_USE',
    [`database ${database} is in use:`, ...lines].join('\n'),
    { hint },
  );
}

/** Prevents new sessions, even of a superuser. Existing sessions stay. */
export async function seal(server: Server, database: string): Promise<void> {
  await server.query(`ALTER DATABASE ${escapeIdentifier(database)} ALLOW_CONNECTIONS false`);
}

export async function open(server: Server, database: string): Promise<void> {
  await server.query(`ALTER DATABASE ${escapeIdentifier(database)} ALLOW_CONNECTIONS true`);
}

/** One backend of ours, or those of a login role with an application name. */
export type Backends = { readonly pid: number } | { readonly user: string; readonly application: string };

/** Terminates these backends with their statements, and waits until they are gone, five seconds at most. */
export async function endBackends(server: Server, which: Backends): Promise<void> {
  const [condition, params] =
    'pid' in which
      ? [`pid = $1 AND application_name = 'coppice'`, [which.pid]]
      : ['usename = $1 AND application_name = $2', [which.user, which.application]];
  const end = () =>
    server.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${condition}`, params);
  await until(async () => (await end()).length === 0, { every: 5, within: endMilliseconds });
}

/** As long as the server itself waits for sessions to end. */
const endMilliseconds = 5_000;

/**
 * Ends all sessions and waits until they are gone; seal the database first, or they come back. Throws
 * COPPICE_DATABASE_IN_USE when one does not end within five seconds or this login may not end it.
 */
export async function endSessions(server: Server, database: string): Promise<void> {
  const hint = 'stop these programs, then try again';
  const end = async () => {
    const found = await sessions(server, database);
    if (found.length > 0) await terminate(server, found, () => inUseError(database, found, hint));
    return found;
  };
  await until(end, {
    done: (found) => found.length === 0,
    every: 5,
    within: endMilliseconds,
    late: (found) => inUseError(database, found, hint),
  });
}

async function terminate(server: Server, found: readonly Session[], deniedError: () => Error): Promise<void> {
  try {
    await server.query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', [
      found.map(({ pid }) => pid),
    ]);
  } catch (error) {
    throw isRefusal(error, '42501') ? deniedError() : error;
  }
}
