import { cleanUp } from '../clones/clean-up.ts';
import { refusePrepared } from './prepared.ts';
import type { Server } from './server.ts';
import { endSessions, type OwnClients, open, refuseSessions, seal } from './sessions.ts';

export interface QuiesceOptions {
  readonly database: string;
  /** Disconnect existing sessions instead of refusing. Connection pools reconnect. */
  readonly end: boolean;
  /** Whose sessions are disconnected in any case. */
  readonly own?: OwnClients | undefined;
  /** What the user can do when there are sessions. */
  readonly hint: string;
}

/** Runs `work` while the database has no sessions and accepts none, then reopens it. */
export async function whileQuiesced<T>(
  server: Server,
  { database, end, own = [], hint }: QuiesceOptions,
  work: () => Promise<T>,
): Promise<T> {
  // Before it is closed: a refusal must not disturb any client.
  await refusePrepared(server, database);
  if (!end) await refuseSessions(server, database, hint, own);
  try {
    await seal(server, database);
    if (!end) await refuseSessions(server, database, hint, own);
    if (end || own.length > 0) await endSessions(server, database);
    return await work();
  } finally {
    await cleanUp(server, (usable) => open(usable, database));
  }
}
