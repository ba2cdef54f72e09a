import { defined } from '../../../core/defined.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { type Owner, ownerOf } from '../../../core/owner.ts';
import { isSameRepository } from '../../../core/state/moved-repositories.ts';
import { cleanUp } from '../clones/clean-up.ts';
import { type Cloned, type CloneRequest, cloneDatabase, dropDatabaseNow } from '../clones/clone.ts';
import { replaceDatabase, requireClone, type SetAside } from '../clones/replace.ts';
import { withServerLock } from '../connection/lock.ts';
import { whileQuiesced } from '../connection/quiesce.ts';
import type { Server } from '../connection/server.ts';
import { type OwnClients, refuseSessions, sessions } from '../connection/sessions.ts';
import { withSizes } from '../inventory/sizes.ts';
import { marks, writeMark } from '../marks/mark.ts';
import { snapshotName } from '../marks/private-names.ts';
import { cloneMark, keptUntil, type SnapshotMark, snapshotMark } from '../marks/snapshot-mark.ts';

export interface Snapshot {
  /** Its name on the server. */
  readonly database: string;
  readonly mark: SnapshotMark;
  /** Logical bytes. */
  readonly bytes: number;
  /** Absent for snapshots that a user took: they are kept until they are removed. */
  readonly keptUntil?: string;
}

/** Snapshots of one database or of all, the youngest first. */
export async function listSnapshots(server: Server, of?: string): Promise<Snapshot[]> {
  return (await withSizes(server, await keptDatabases(server, of))).flatMap((database) => {
    const { mark, bytes = 0 } = database;
    if (mark?.kind !== 'snapshot') return [];
    const until = mark.reason === 'asked' ? {} : { keptUntil: keptUntil(mark.takenAt).toISOString() };
    return [{ database: database.name, mark, bytes, ...until }];
  });
}

/** The repository that owns the snapshots: another one may have had a database of the same name. */
type Whose = Pick<Owner, 'repository'>;

/** As `listSnapshots`, without sizes, which are slow. Without an owner, of all repositories. */
export async function snapshotsOf(server: Server, database: string, owner?: Whose): Promise<SetAside[]> {
  return (await keptDatabases(server, database))
    .filter(({ mark }) => owner === undefined || isSameRepository(mark.repository, owner.repository))
    .map(({ name, mark }) => ({ database: name, mark }));
}

async function keptDatabases(server: Server, of: string | undefined) {
  return (await marks(server))
    .flatMap((database) => {
      const { mark } = database;
      return mark?.kind === 'snapshot' && (of === undefined || mark.of === of) ? [{ ...database, mark }] : [];
    })
    .sort((one, other) => other.mark.takenAt.localeCompare(one.mark.takenAt));
}

export interface SnapshotRequest {
  readonly database: string;
  /** The user's name for the snapshot. */
  readonly name: string;
  /** Disconnect all sessions; connection pools reconnect. */
  readonly force: boolean;
  /** Addresses of the environment's own pods, whose sessions are disconnected in any case. */
  readonly own?: OwnClients;
}

/** Reported before anything else is done, so that the user does not wait for a refusal. */
export const forceHint = 'stop these programs, or disconnect them with --end-sessions';

/** Letters, digits and characters that need no quoting in a shell. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/**
 * Copies a database with its rows, and keeps the copy until it is removed. Throws COPPICE_DATABASE_IN_USE at
 * once while there are sessions, unless forced; COPPICE_SNAPSHOT_NAME, COPPICE_SNAPSHOT_EXISTS,
 * COPPICE_NO_DATABASE, COPPICE_DISK_FULL.
 */
export async function takeSnapshot(
  server: Server,
  { database, name, force, own = [] }: SnapshotRequest,
): Promise<Cloned & SetAside> {
  if (!namePattern.test(name)) throw invalidNameError(name);
  if (!force) await refuseSessions(server, database, forceHint, own);
  return withServerLock(server, database, async () => {
    const clone = await requireClone(server, database);
    const others = await snapshotsOf(server, database, clone);
    if (others.some(({ mark }) => mark.name === name)) throw nameTakenError(name);
    const { database: copy, cloned } = await whileAlone(server, { database, force, own }, () =>
      copyPrivately(server, { from: database, lock: database, app: clone.app }),
    );
    return orDrop(server, copy, async () => {
      const { strategy } = cloned;
      const mark = snapshotMark({ ...clone, strategy }, { of: database, reason: 'asked', name }, new Date());
      await writeMark(server, copy, mark);
      return { ...cloned, database: copy, mark };
    });
  });
}

/**
 * A database without sessions stays open: a client that connects during the copy waits until it is complete.
 */
export async function whileAlone<T>(
  server: Server,
  { database, force, own }: Required<Pick<SnapshotRequest, 'database' | 'force' | 'own'>>,
  work: () => Promise<T>,
): Promise<T> {
  if (!force && (await sessions(server, database)).length === 0) return work();
  return whileQuiesced(server, { database, end: force, own, hint: forceHint }, work);
}

/**
 * A copy under a private name, closed to connections and marked as unfinished until it gets its final mark.
 * `lock`: name of the lock that the caller holds; a sweep ignores the copy as long as it is held.
 */
export async function copyPrivately(
  server: Server,
  { lock, app, ...source }: Omit<CloneRequest, 'to'> & { readonly lock: string; readonly app: string },
): Promise<{ readonly database: string; readonly cloned: Cloned }> {
  const database = snapshotName();
  return orDrop(server, database, async () => {
    const cloned = await cloneDatabase(server, { ...source, to: database });
    const startedAt = new Date().toISOString();
    await writeMark(server, database, { coppice: 1, kind: 'building', app, hash: lock, startedAt });
    return { database, cloned };
  });
}

/** Drops a new copy at once when what follows fails, instead of leaving it to a sweep. */
export async function orDrop<T>(server: Server, copy: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await cleanUp(server, (usable) => dropDatabaseNow(usable, copy));
    throw error;
  }
}

/** The result of a command that replaced a database. */
export interface Replaced extends Cloned {
  /**
   * The previous database, which `wt db undo` brings back. Absent when there was none, or it was not kept.
   */
  readonly kept?: SetAside;
}

/**
 * Replaces a database with a copy of a snapshot, which stays. The role and rights of the name are kept. The
 * current database becomes a snapshot: where blocks are not shared it takes its full size for 72 hours.
 * Throws COPPICE_NO_SNAPSHOT, COPPICE_DATABASE_IN_USE, COPPICE_NO_DATABASE, COPPICE_DISK_FULL; then nothing
 * has changed.
 */
export async function restoreSnapshot(
  server: Server,
  { database, name, force, own = [] }: SnapshotRequest,
): Promise<Replaced> {
  if (!force) await refuseSessions(server, database, forceHint, own);
  return withServerLock(server, database, async () => {
    const present = await requireClone(server, database);
    const snapshot = await findSnapshot(server, database, name, present);
    const from = snapshot.database;
    const { database: by, cloned } = await copyPrivately(server, { from, lock: database, app: present.app });
    return orDrop(server, by, async () => {
      const mark = { ...cloneMark(snapshot.mark, cloned, new Date()), ...ownerOf(present) };
      const kept = await replaceDatabase(server, {
        database,
        by,
        mark,
        reason: 'restore',
        end: force,
        own,
        hint: forceHint,
      });
      return { ...cloned, ...defined({ kept }) };
    });
  });
}

/** False when there is no snapshot of that name. */
export async function removeSnapshot(
  server: Server,
  { database, name, owner }: { readonly database: string; readonly name: string; readonly owner?: Whose },
): Promise<boolean> {
  const snapshots = await snapshotsOf(server, database, owner);
  const found = snapshots.find(({ mark }) => mark.name === name);
  if (found) await dropDatabaseNow(server, found.database);
  return found !== undefined;
}

/** The youngest snapshot of that name. Throws COPPICE_NO_SNAPSHOT, which lists the existing ones. */
export async function findSnapshot(
  server: Server,
  database: string,
  name: string,
  owner: Whose,
): Promise<SetAside> {
  const snapshots = await snapshotsOf(server, database, owner);
  const found = snapshots.find(({ mark }) => mark.name === name);
  if (found) return found;
  const names = snapshots.map(({ mark }) => mark.name).join(', ');
  throw new CoppiceError('COPPICE_NO_SNAPSHOT', `database ${database} has no snapshot ${name}`, {
    hint: names === '' ? 'take one with `wt db snapshot NAME`' : `there are: ${names}`,
  });
}

function invalidNameError(name: string): CoppiceError {
  return new CoppiceError(
    'COPPICE_SNAPSHOT_NAME',
    `${JSON.stringify(name)} is not a valid name for a snapshot`,
    {
      hint: 'use at most 63 letters, digits, dots, dashes and underscores, starting with a letter or digit',
    },
  );
}

function nameTakenError(name: string): CoppiceError {
  return new CoppiceError('COPPICE_SNAPSHOT_EXISTS', `there is already a snapshot ${name}`, {
    hint: 'choose another name, or remove it first: `wt db snapshot NAME --remove`',
  });
}
