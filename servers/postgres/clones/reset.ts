import { serverFacts } from '../connection/facts.ts';
import { withServerLock } from '../connection/lock.ts';
import type { Server } from '../connection/server.ts';
import { refuseSessions } from '../connection/sessions.ts';
import { type CloneMark, databaseState } from '../marks/state.ts';
import {
  copyPrivately,
  forceHint,
  orDrop,
  type Replaced,
  type SnapshotRequest,
} from '../snapshots/snapshots.ts';
import { recordUse } from '../templates/last-use.ts';
import { ensureTemplate } from '../templates/template.ts';
import type { Work } from '../types.ts';
import { dropDatabaseNow } from './clone.ts';
import { type DatabaseRequest, ensureDatabase } from './ensure.ts';
import { replaceDatabase } from './replace.ts';
import { keepsSnapshots } from './strategy.ts';

/**
 * Replaces the database with a fresh clone of the requested template, which is built if missing. The previous database becomes a snapshot where blocks are shared, otherwise it is dropped.
 * Nothing changes before the new clone is complete. Throws COPPICE_CLAIMED, and what `ensureTemplate` throws.
 */
export async function resetDatabase(
  server: Server,
  request: DatabaseRequest,
  work: Work,
  { force, own = [] }: Pick<SnapshotRequest, 'force' | 'own'> = { force: true },
): Promise<Replaced> {
  const { name, owner } = request;
  if ((await databaseState(server, request)).kind !== 'ours') {
    const { mark } = await ensureDatabase(server, request, work);
    return { strategy: mark.strategy, milliseconds: mark.milliseconds };
  }
  // Before anything is built, so that nobody waits for a refusal.
  if (!force) await refuseSessions(server, name, forceHint, own);
  return withServerLock(
    server,
    name,
    async () => {
      const template = await ensureTemplate(server, request.template, work);
      const { database: by, cloned } = await copyPrivately(server, {
        from: template.name,
        source: template.mark,
        sessions: 'end',
        lock: name,
        app: owner.app,
      });
      return orDrop(server, by, async () => {
        const mark: CloneMark = {
          coppice: 1,
          kind: 'clone',
          template: template.name,
          migrations: template.mark.migrations,
          ...cloned,
          extensions: request.template.extensions,
          createdAt: new Date().toISOString(),
          origin: { kind: 'template' },
          ...owner,
        };
        const aside = await replaceDatabase(server, {
          database: name,
          by,
          mark,
          reason: 'reset',
          end: force,
          own,
          hint: forceHint,
        });
        for (const used of [template.name, aside?.mark.template]) if (used) await recordUse(server, used);
        if (!aside) return cloned;
        if (keepsSnapshots(await serverFacts(server))) return { ...cloned, kept: aside };
        await dropDatabaseNow(server, aside.database);
        return cloned;
      });
    },
    (who) => work.progress?.(who ?? `waiting for ${name}`),
  );
}
