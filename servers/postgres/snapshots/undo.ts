import { defined } from '../../../core/defined.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { type Owner, ownerOf } from '../../../core/owner.ts';
import { presentClone, replaceDatabase, type SetAside } from '../clones/replace.ts';
import { keepsSnapshots } from '../clones/strategy.ts';
import { serverFacts } from '../connection/facts.ts';
import { withServerLock } from '../connection/lock.ts';
import type { Server } from '../connection/server.ts';
import { type OwnClients, refuseSessions } from '../connection/sessions.ts';
import { cloneMark, isExpired, type SnapshotMark } from '../marks/snapshot-mark.ts';
import { forceHint, type Replaced, snapshotsOf } from './snapshots.ts';

export interface UndoRequest {
  readonly database: string;
  /** The future owner: what another repository left under the same name is not brought back. */
  readonly owner?: Pick<Owner, 'repository'>;
  /** One of `wt db snapshots`; the youngest when absent. */
  readonly name?: string;
  /** Disconnect all sessions. */
  readonly force: boolean;
  /** Addresses of the environment's own pods, whose sessions are disconnected in any case. */
  readonly own?: OwnClients;
}

export interface Undone extends Replaced {
  /** What was brought back; it is no longer a snapshot. */
  readonly snapshot: SnapshotMark;
}

/**
 * Brings back what `down`, `reset`, `restore`, `fork` or an undo replaced, by renaming: nothing is copied.
 * The current database becomes a snapshot, so the next undo reverts this one. After `down` the database has
 * no role until the next `wt up` adopts it. Throws COPPICE_NOTHING_TO_UNDO, COPPICE_DATABASE_IN_USE.
 */
export async function undo(server: Server, request: UndoRequest): Promise<Undone> {
  const { database, force, own } = request;
  if (!force) await refuseSessions(server, database, forceHint, own);
  return withServerLock(server, database, async () => {
    const start = performance.now();
    const present = await presentClone(server, database);
    const snapshot = await lastReplaced(server, { ...request, ...(present && { owner: present }) });
    const strategy = snapshot.mark.strategy ?? (await usualStrategy(server));
    const revived = cloneMark(snapshot.mark, { strategy, milliseconds: 0 }, new Date());
    const kept = await replaceDatabase(server, {
      database,
      by: snapshot.database,
      reason: 'undo',
      end: force,
      own,
      mark: { ...revived, ...ownerOf(present ?? revived) },
      hint: forceHint,
    });
    const milliseconds = Math.round(performance.now() - start);
    return { strategy, milliseconds, snapshot: snapshot.mark, ...defined({ kept }) };
  });
}

/** What an undo would bring back. Throws COPPICE_NOTHING_TO_UNDO. */
export async function lastReplaced(
  server: Server,
  { database, owner, name }: Pick<UndoRequest, 'database' | 'owner' | 'name'>,
): Promise<SetAside> {
  const now = new Date();
  const found = (await snapshotsOf(server, database, owner)).filter(
    ({ mark }) => mark.reason !== 'asked' && !isExpired(mark, now),
  );
  // Two of one second share a name; their databases do not.
  const chosen =
    name === undefined ? found[0] : found.find((one) => one.mark.name === name || one.database === name);
  if (chosen) return chosen;
  const which = name === undefined ? 'nothing of the last 72 hours' : `no ${name} of the last 72 hours`;
  const names = found.map(({ mark }) => mark.name).join(', ');
  throw new CoppiceError(
    'COPPICE_NOTHING_TO_UNDO',
    `there is ${which} to bring back for database ${database}`,
    {
      hint:
        names === ''
          ? 'to bring back a snapshot that you took, run `wt db restore NAME` (`wt db snapshots` lists them)'
          : `there are: ${names}`,
    },
  );
}

async function usualStrategy(server: Server): Promise<'clone' | 'wal_log'> {
  return keepsSnapshots(await serverFacts(server)) ? 'clone' : 'wal_log';
}
