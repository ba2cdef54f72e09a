import { escapeLiteral } from 'pg';
import { defined } from '../../../core/defined.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { quote } from '../../../core/shell.ts';
import { duration } from '../../../core/text/duration.ts';
import { until } from '../../../core/until.ts';
import type { NameClient } from '../types.ts';
import type { Server } from './server.ts';
import type { Session } from './sessions.ts';

/** Whose waits to look for: one connection, or those of a command, which most clients name as we ask them to. */
export type Waiter =
  | { readonly pid: number }
  | { readonly application: string; readonly user: string; readonly database: string };

/** A session that holds a lock which another one waits for. */
export interface Blocker extends Session {
  readonly database: string;
}

/** What a statement waits for. */
export interface Blockage {
  readonly sessions: readonly Blocker[];
  readonly prepared: readonly PreparedBlocker[];
}

/** A prepared transaction that holds such a lock: it has no session, and stays until somebody ends it. */
export interface PreparedBlocker {
  readonly gid: string;
  /** The only database in which it can be ended. */
  readonly database: string;
  /** Whether that is the database of the one who waits: they may share a lock, on a role for example. */
  readonly same: boolean;
}

export interface Watch {
  readonly waiter: Waiter;
  readonly nameClient?: NameClient | undefined;
  /** Called once for each set of blockers, as soon as it has been in the way for a moment. */
  readonly onBlocked?: ((text: string) => void) | undefined;
}

const lookMilliseconds = 1_000;
/** Between two statements a lock is often held for a moment, which is worth no word. */
const worthSaying = 2;
/** Looks without a lock after which the work goes on. */
const worthBelieving = 2;

/**
 * Runs `work` and looks whether it waits for a lock. Says so after two seconds, and adds it to the
 * error when the work fails while it waits.
 */
export async function whileWatched<T>(
  server: Server,
  { waiter, nameClient, onBlocked }: Watch,
  work: () => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  let looks = 0;
  let free = 0;
  let said = '';
  let last: BlockageText | undefined;
  const look = async (on: Server) => {
    const blockage = await blockageOf(on, waiter);
    if (blockage === undefined) {
      looks = 0;
      // One that is being stopped no longer waits for a moment, and then has no session when its error comes.
      free = (await isThere(on, waiter)) ? free + 1 : 0;
      if (free >= worthBelieving) last = undefined;
      return;
    }
    looks += 1;
    free = 0;
    if (looks < worthSaying) return;
    last = await blockageText(blockage, nameClient);
    if (last.key !== said) onBlocked?.(`it waits for a lock, ${last.message}\n  try: ${last.hint}`);
    said = last.key;
  };
  const watching = watchOn(server, look, ending.signal);
  try {
    return await work();
  } catch (error) {
    throw last ? blockedError(error, last) : error;
  } finally {
    ending.abort();
    await watching;
  }
}

/**
 * On a connection of its own, as the work may need the other one. What fails here must not fail the work, nor end the
 * watch: the next look connects again.
 */
async function watchOn(
  server: Server,
  look: (on: Server) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let own: Server | undefined;
  const attempt = async (elapsed: number) => {
    // Most commands are over before anything is worth a connection.
    if (elapsed < lookMilliseconds / 2) return false;
    try {
      own ??= await server.in(server.database);
      await look(own);
    } catch {
      await own?.close().catch(() => undefined);
      own = undefined;
    }
    return false;
  };
  await until(attempt, { every: lookMilliseconds, signal, done: () => false }).catch(() => undefined);
  await own?.close();
}

/** What a waiter waits for now, at the end of the chain: a session that waits itself is not the cause. */
async function blockageOf(server: Server, waiter: Waiter): Promise<Blockage | undefined> {
  const [condition, params] = conditionOf(waiter);
  const rows = await server.query<Blocker & { readonly waits: boolean }>(
    `WITH RECURSIVE chain(pid, depth) AS (
       SELECT blocker, 1 FROM pg_stat_activity a, unnest(pg_blocking_pids(a.pid)) AS blocker
        WHERE ${condition} AND a.wait_event_type = 'Lock'
       UNION
       SELECT blocker, depth + 1 FROM chain, unnest(pg_blocking_pids(chain.pid)) AS blocker
        WHERE chain.pid <> 0 AND depth < 20)
     SELECT DISTINCT chain.pid, coalesce(s.usename, s.backend_type, '?') AS user, coalesce(s.datname, '') AS database,
            coalesce(s.application_name, '') AS application, coalesce(host(s.client_addr), 'local') AS client,
            coalesce(s.state, 'unknown') AS state,
            coalesce(extract(epoch FROM clock_timestamp() - coalesce(s.xact_start, s.state_change)), 0)::int AS "ageSeconds",
            cardinality(pg_blocking_pids(chain.pid)) > 0 AS waits
       FROM chain LEFT JOIN pg_stat_activity s USING (pid)`,
    params,
  );
  if (rows.length === 0) return undefined;
  const found = rows.filter(({ pid, waits }) => pid !== 0 && !waits);
  const prepared = rows.some(({ pid }) => pid === 0) ? await preparedInTheWay(server, waiter, rows) : [];
  return { sessions: found, prepared };
}

/** Two rows of pg_locks, `wanted` and `held`, that are about one thing. */
const sameLock = [
  ...['locktype', 'database', 'relation', 'page', 'tuple', 'transactionid', 'classid', 'objid', 'objsubid'],
]
  .map((column) => `wanted.${column} IS NOT DISTINCT FROM held.${column}`)
  .join(' AND ');

/**
 * The prepared transactions that hold what the waiter, or a session in its way, waits for. The server knows those of
 * every database, so they are told apart by their locks: all have the virtual transaction of the lock on their own
 * number, which is `-1/<number>`, as the manual says, only after a restart of the server.
 */
async function preparedInTheWay(
  server: Server,
  waiter: Waiter,
  chain: readonly Blocker[],
): Promise<PreparedBlocker[]> {
  const [condition, params] = conditionOf(waiter);
  return server.query<PreparedBlocker & Record<string, unknown>>(
    `SELECT DISTINCT held.gid, held.home AS database, held.home = coalesce(waiting.datname, '') AS same
       FROM pg_locks wanted JOIN pg_stat_activity waiting USING (pid)
       JOIN (SELECT l.*, p.gid, p.database AS home
               FROM pg_prepared_xacts p
               JOIN pg_locks its ON its.transactionid = p.transaction AND its.granted AND its.pid IS NULL
               JOIN pg_locks l USING (virtualtransaction) WHERE l.pid IS NULL) held
         ON ${sameLock}
      WHERE NOT wanted.granted
        AND (wanted.pid = ANY ($${params.length + 1}) OR wanted.pid IN (SELECT a.pid FROM pg_stat_activity a WHERE ${condition}))
      ORDER BY held.gid`,
    [...params, chain.map(({ pid }) => pid)],
  );
}

/** Whether the waiter has a session at all. */
async function isThere(server: Server, waiter: Waiter): Promise<boolean> {
  const [condition, params] = conditionOf(waiter);
  const rows = await server.query(`SELECT FROM pg_stat_activity a WHERE ${condition} LIMIT 1`, params);
  return rows.length > 0;
}

/** Some clients ignore PGAPPNAME: then their login and database tell them. */
function conditionOf(waiter: Waiter): [string, readonly unknown[]] {
  if ('pid' in waiter) return ['a.pid = $1', [waiter.pid]];
  const { application, user, database } = waiter;
  return [
    `(a.application_name = $1 OR a.usename = $2 AND a.datname = $3 AND NOT EXISTS (
        SELECT FROM pg_stat_activity named WHERE named.application_name = $1))`,
    [application, user, database],
  ];
}

interface BlockageText {
  /** Equal for two looks that found the same. */
  readonly key: string;
  readonly message: string;
  readonly hint: string;
}

async function blockageText(
  { sessions, prepared }: Blockage,
  nameClient: NameClient | undefined,
): Promise<BlockageText> {
  const lines = await Promise.all(
    sessions.map(async (session) => {
      const { pid, user, application, client, state, ageSeconds } = session;
      const place = (await nameClient?.(client).catch(() => undefined)) ?? client;
      const since = duration(ageSeconds * 1000);
      return `  ${application || user} from ${place} (login ${user}), ${state}, for ${since}, process ${pid}`;
    }),
  );
  const others = prepared.map(
    ({ gid, database, same }) =>
      `  the prepared transaction ${gid}${same ? '' : ` of database ${database}`}, which has no session`,
  );
  const ours = sessions.filter(({ application }) => application === 'coppice');
  const pids = sessions.filter((session) => !ours.includes(session)).map(({ pid }) => pid);
  return {
    key: [...sessions.map(({ pid }) => pid), ...prepared.map(({ gid }) => gid)].join(' '),
    message: ['which is held by:', ...lines, ...others].join('\n'),
    hint: [
      ...(ours.length === 0 ? [] : ['another wt is at work: wait for it, or stop it']),
      ...(pids.length === 0 ? [] : [`commit or close it there, or end it: ${endCommand(pids)}`]),
      ...prepared.map(rollbackCommand),
    ].join('; '),
  };
}

/** A login acts as the owner of its objects, who may not end the login's own sessions. */
function endCommand(pids: readonly number[]): string {
  const calls = pids.map((pid) => `pg_terminate_backend(${pid})`).join(', ');
  return `wt db psql -c "SET ROLE NONE; SELECT ${calls}"`;
}

function rollbackCommand({ gid, database, same }: PreparedBlocker): string {
  const statement = `ROLLBACK PREPARED ${escapeLiteral(gid)}`;
  if (!same) return `${statement} in database ${database}`;
  return `wt db psql -c ${/["$`\\!]/.test(statement) ? quote(statement, 'posix') : `"${statement}"`}`;
}

function blockedError(error: unknown, { message, hint }: BlockageText): unknown {
  if (!(error instanceof CoppiceError)) return error;
  return new CoppiceError(error.code, `${error.message}\nit waited for a lock, ${message}`, {
    ...defined({ hint }),
    cause: error,
  });
}
