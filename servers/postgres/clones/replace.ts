import { escapeIdentifier, escapeLiteral } from 'pg';
import { CoppiceError } from '../../../core/errors.ts';
import { ownerRoleName } from '../../../core/names.ts';
import { whileQuiesced } from '../connection/quiesce.ts';
import { isRefusal, type Server } from '../connection/server.ts';
import { inUseError, type OwnClients, refuseSessions, sessions } from '../connection/sessions.ts';
import { readMark } from '../marks/mark.ts';
import { lockKey, snapshotName } from '../marks/private-names.ts';
import { type SnapshotMark, snapshotMark } from '../marks/snapshot-mark.ts';
import type { CloneMark } from '../marks/state.ts';

/** The mark of an environment's database. Undefined when there is no such database. */
export async function presentClone(server: Server, database: string): Promise<CloneMark | undefined> {
  const mark = await readMark(server, database);
  if (mark?.kind === 'clone') return mark;
  if (!(await exists(server, 'pg_database', 'datname', database))) return undefined;
  throw new CoppiceError('COPPICE_CLAIMED', `database ${database} does not belong to an environment`, {
    hint: 'give the environment another name with --as',
  });
}

/** As `presentClone`, but requires one. Throws COPPICE_NO_DATABASE. */
export async function requireClone(server: Server, database: string): Promise<CloneMark> {
  const mark = await presentClone(server, database);
  if (mark) return mark;
  throw new CoppiceError('COPPICE_NO_DATABASE', `there is no database ${database}`, {
    hint: 'create it with `wt up`, or bring it back after `wt down` with `wt db undo`',
  });
}

export interface Replacement {
  readonly database: string;
  /** The database that takes its name: closed, and not in use yet. */
  readonly by: string;
  readonly mark: CloneMark;
  /** Why the current database is set aside. */
  readonly reason: Exclude<SnapshotMark['reason'], 'asked'>;
  /** Disconnect existing sessions instead of refusing. */
  readonly end: boolean;
  /** Addresses of the environment's own pods, whose sessions are disconnected in any case. */
  readonly own?: OwnClients | undefined;
  readonly hint: string;
}

/** A database that was set aside. */
export interface SetAside {
  /** Its name on the server. */
  readonly database: string;
  readonly mark: SnapshotMark;
}

/**
 * Passes a database's name to another one, in one transaction: the name never points to nothing or to an
 * unfinished copy. The previous one becomes a snapshot by being renamed, which copies nothing. The name keeps
 * its role and rights. Throws COPPICE_DATABASE_IN_USE; then nothing has changed.
 */
export async function replaceDatabase(
  server: Server,
  replacement: Replacement,
): Promise<SetAside | undefined> {
  const { database, reason, end, own, hint } = replacement;
  const present = await presentClone(server, database);
  if (!present) {
    await exchange(server, replacement, undefined);
    return undefined;
  }
  const mark = snapshotMark(present, { of: database, reason }, new Date());
  const aside = { database: snapshotName(), mark };
  await whileQuiesced(server, { database, end, own, hint }, () => exchange(server, replacement, aside));
  return aside;
}

async function exchange(
  server: Server,
  { database, by, mark, hint }: Replacement,
  aside: SetAside | undefined,
): Promise<void> {
  await refuseSessions(server, by, hint);
  const [name, next] = [database, by].map(escapeIdentifier);
  const login = await exists(server, 'pg_roles', 'rolname', database);
  const owner = ownerRoleName(mark.app);
  try {
    // One text is one transaction.
    await server.query(
      [
        `SELECT pg_advisory_xact_lock(${lockKey('roles')})`,
        ...(aside ? setAside(database, aside) : []),
        `ALTER DATABASE ${next} RENAME TO ${name}`,
        commentOn(database, mark),
        `REVOKE ALL ON DATABASE ${name} FROM PUBLIC`,
        ...(login ? grantsTo(database, owner) : []),
        `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`,
      ].join(';\n'),
    );
  } catch (error) {
    if (isRefusal(error, '55006')) throw inUseError(database, await sessions(server, database), hint);
    throw error;
  }
}

function setAside(database: string, aside: SetAside): string[] {
  return [
    `ALTER DATABASE ${escapeIdentifier(database)} RENAME TO ${escapeIdentifier(aside.database)}`,
    commentOn(aside.database, aside.mark),
  ];
}

/** The same grants as `grantAccess` in roles.ts; the role exists and keeps its password. */
function grantsTo(database: string, ownerRole: string): string[] {
  const [name, owner] = [database, ownerRole].map(escapeIdentifier);
  return [
    `GRANT CONNECT ON DATABASE ${name} TO ${name}`,
    `GRANT CREATE, TEMPORARY ON DATABASE ${name} TO ${owner}`,
    `ALTER ROLE ${name} IN DATABASE ${name} SET role TO ${owner}`,
  ];
}

function commentOn(database: string, mark: CloneMark | SnapshotMark): string {
  return `COMMENT ON DATABASE ${escapeIdentifier(database)} IS ${escapeLiteral(JSON.stringify(mark))}`;
}

async function exists(
  server: Server,
  catalogue: 'pg_database' | 'pg_roles',
  column: 'datname' | 'rolname',
  name: string,
): Promise<boolean> {
  const rows = await server.query(`SELECT FROM ${catalogue} WHERE ${column} = $1`, [name]);
  return rows.length > 0;
}
