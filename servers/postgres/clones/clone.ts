import { escapeIdentifier } from 'pg';
import { CoppiceError } from '../../../core/errors.ts';
import { diskUse } from '../connection/disk.ts';
import { serverFacts, sourceFacts } from '../connection/facts.ts';
import { refusePrepared } from '../connection/prepared.ts';
import { isRefusal, type Server } from '../connection/server.ts';
import { endSessions, inUseError, refuseSessions, seal, sessions } from '../connection/sessions.ts';
import { lockKey } from '../marks/private-names.ts';
import type { StrategyName } from '../types.ts';
import { chooseStrategy } from './strategy.ts';

export interface CloneRequest {
  readonly from: string;
  readonly to: string;
  /** Owner of the new database, who may drop and rename it. The login itself when absent. */
  readonly owner?: string;
  /** Files and bytes of the source if known; otherwise they are counted. */
  readonly source?: { readonly files: number; readonly bytes: number };
  /**
   * What to do about sessions of the source. `end` seals it first and leaves it sealed. `refuse` when absent.
   */
  readonly sessions?: 'refuse' | 'end';
}

export interface Cloned {
  readonly strategy: StrategyName;
  /** Duration of CREATE DATABASE. */
  readonly milliseconds: number;
}

/**
 * Copies a database with the cheapest strategy. The copy is closed to connections, and has none of the
 * source's rights, settings and comment: PostgreSQL does not copy them. Throws COPPICE_DATABASE_IN_USE,
 * COPPICE_DATABASE_PREPARED, COPPICE_DISK_FULL.
 */
export async function cloneDatabase(server: Server, request: CloneRequest): Promise<Cloned> {
  const { from, to, owner } = request;
  const facts = await serverFacts(server);
  const source = request.source ?? (await sourceFacts(server, from));
  const { strategy } = chooseStrategy(facts, source);
  // Before anything is closed.
  await refusePrepared(server, from);
  if (request.sessions === 'end') await endSourceSessions(server, from);
  else await refuseSessions(server, from, 'stop these programs, then try again');
  if (facts.superuser && strategy !== 'clone') await refuseFullDisk(server, from, source.bytes);
  if (strategy !== 'wal_log' && facts.major >= 18) await server.query(`SET file_copy_method = ${strategy}`);
  const create =
    `CREATE DATABASE ${escapeIdentifier(to)} TEMPLATE ${escapeIdentifier(from)} ` +
    `STRATEGY ${strategy === 'wal_log' ? 'wal_log' : 'file_copy'} ALLOW_CONNECTIONS false` +
    (owner === undefined ? '' : ` OWNER ${escapeIdentifier(owner)}`);
  // Ten clones at once take 3.8 times as long as ten in a row on Btrfs.
  const alone = strategy === 'clone' && facts.fileSystem === 'btrfs';
  if (alone) await server.query('SELECT pg_advisory_lock($1)', [lockKey('clone')]);
  try {
    const start = performance.now();
    await server.query(facts.major >= 15 ? create : create.replace(/ STRATEGY \w+/, ''));
    return { strategy, milliseconds: Math.round((performance.now() - start) * 10) / 10 };
  } catch (error) {
    throw await cloneError(server, from, error);
  } finally {
    if (alone) await server.query('SELECT pg_advisory_unlock($1)', [lockKey('clone')]);
  }
}

/** For the WAL and for other writers, in bytes. */
const reserve = 96e6;

/**
 * Throws COPPICE_DISK_FULL before a copy that will not fit. A copy that fills the disk may take the whole
 * server down: without space for its WAL PostgreSQL stops, and does not start again until space is freed.
 */
async function refuseFullDisk(server: Server, from: string, bytes: number): Promise<void> {
  const disk = await diskUse(server);
  if (!disk || disk.free > bytes + reserve) return;
  const [needed, free] = [bytes + reserve, disk.free].map((each) => Math.round(each / 1e6));
  throw diskFullError(`a copy of ${from} needs ${needed} MB, and ${free} MB are free`);
}

/** Ends the source's sessions and seals it again if it was opened. */
async function endSourceSessions(server: Server, database: string): Promise<void> {
  if ((await sessions(server, database)).length === 0) return;
  await seal(server, database);
  await endSessions(server, database);
}

/** 55006: a client connected after the sessions were checked. 53100: no space left. */
async function cloneError(server: Server, from: string, error: unknown): Promise<unknown> {
  if (isRefusal(error, '55006')) {
    return inUseError(from, await sessions(server, from), 'stop these programs, then try again');
  }
  return diskFull(error);
}

/**
 * COPPICE_DISK_FULL, or the error itself when it is another one. A failed wal_log copy only reports that it
 * could not clean up after itself (PostgreSQL 18.6, createdb_failure_callback): the reason is in the server's
 * log.
 */
export function diskFull(error: unknown): unknown {
  const hidden = isRefusal(error, 'XX000') && (error as Error).message.includes('InvalidateBuffer');
  if (!hidden && !isRefusal(error, '53100')) return error;
  const reason = hidden ? 'a copy was cut short, as happens on a full disk' : (error as Error).message;
  return diskFullError(reason, error);
}

function diskFullError(reason: string, cause?: unknown): CoppiceError {
  return new CoppiceError('COPPICE_DISK_FULL', `PostgreSQL has run out of disk space: ${reason}`, {
    hint: 'see what uses it with `wt db list`, then delete the environments that nobody needs',
    cause,
  });
}

/**
 * Drops a database despite open sessions, template or not. Does nothing when it does not exist. Throws
 * COPPICE_DATABASE_PREPARED.
 */
export async function dropDatabaseNow(server: Server, database: string): Promise<void> {
  const [row] = await server.query<{ template: boolean; broken: boolean }>(
    'SELECT datistemplate AS template, datconnlimit = -2 AS broken FROM pg_database WHERE datname = $1',
    [database],
  );
  if (!row) return;
  const name = escapeIdentifier(database);
  try {
    if (!row.broken) await refusePrepared(server, database);
    if (row.template) await server.query(`ALTER DATABASE ${name} IS_TEMPLATE false`);
    // Against a client that reconnects in a loop: FORCE ends only existing sessions.
    if (!row.broken) await seal(server, database);
    await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  } catch (error) {
    // It was dropped by another process in the meantime.
    if (!isRefusal(error, '3D000')) throw error;
  }
}
