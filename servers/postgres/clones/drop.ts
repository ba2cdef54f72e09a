import { escapeIdentifier, escapeLiteral } from 'pg';
import { ownerRoleName } from '../../../core/names.ts';
import type { Owner } from '../../../core/owner.ts';
import { serverFacts } from '../connection/facts.ts';
import { withServerLock } from '../connection/lock.ts';
import { refusePrepared } from '../connection/prepared.ts';
import type { Server } from '../connection/server.ts';
import { endSessions, open, seal } from '../connection/sessions.ts';
import { snapshotName } from '../marks/private-names.ts';
import { snapshotMark } from '../marks/snapshot-mark.ts';
import { type CloneMark, databaseState } from '../marks/state.ts';
import { dropLogin, suspendLogin } from '../roles/roles.ts';
import { recordUse } from '../templates/last-use.ts';
import { cleanUp } from './clean-up.ts';
import { dropDatabaseNow } from './clone.ts';
import { keepsSnapshots } from './strategy.ts';

export interface Dropped {
  /** False when there was none, or it belongs to another environment. */
  readonly dropped: boolean;
  /** Name of the snapshot that is kept for 72 hours, where that costs nothing. */
  readonly snapshot?: string;
}

/**
 * Deletes an environment's database and login role, despite open sessions. Where the server shares blocks it
 * is set aside as a snapshot instead. May be repeated after any interruption; does not touch what belongs to
 * another owner. Throws COPPICE_DATABASE_PREPARED, before anything is closed.
 */
export function dropDatabase(
  server: Server,
  { name, owner }: { readonly name: string; readonly owner: Owner },
): Promise<Dropped> {
  return withServerLock(server, name, async () => {
    const state = await databaseState(server, { name, owner });
    if (state.kind === 'foreign') return { dropped: false };
    // Before anything is closed or lost.
    if (state.kind === 'ours') await refusePrepared(server, name);
    const objects = ownerRoleName(owner.app);
    // The role first: it locks out a client that reconnects in a loop, while this connection still has
    // access.
    await suspendLogin(server, name);
    await endSessions(server, name);
    if (state.kind === 'broken') await dropDatabaseNow(server, name);
    await dropLogin(server, name, objects);
    if (state.kind !== 'ours') return { dropped: state.kind === 'broken' };
    await recordUse(server, state.mark.template);
    try {
      return await removeSealed(server, name, state.mark);
    } catch (error) {
      // What is in its way may only be ended inside.
      await cleanUp(server, (usable) => open(usable, name));
      throw error;
    }
  });
}

async function removeSealed(server: Server, database: string, mark: CloneMark): Promise<Dropped> {
  await seal(server, database);
  await endSessions(server, database);
  if (keepsSnapshots(await serverFacts(server))) {
    return { dropped: true, snapshot: await setAside(server, database, mark) };
  }
  await dropDatabaseNow(server, database);
  return { dropped: true };
}

/**
 * Turns a sealed database into a snapshot by changing its name and mark in one transaction. Copies nothing.
 */
async function setAside(server: Server, database: string, mark: CloneMark): Promise<string> {
  const name = snapshotName();
  const snapshot = snapshotMark(mark, { of: database, reason: 'down' }, new Date());
  await server.query(
    `ALTER DATABASE ${escapeIdentifier(database)} RENAME TO ${escapeIdentifier(name)};
     COMMENT ON DATABASE ${escapeIdentifier(name)} IS ${escapeLiteral(JSON.stringify(snapshot))}`,
  );
  return name;
}
