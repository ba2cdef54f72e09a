import { cleanUp } from '../clones/clean-up.ts';
import type { Server } from './server.ts';
import { endSessions, open, refuseSessions, seal } from './sessions.ts';

export interface QuiesceOptions {
  readonly database: string;
  /** Disconnect existing sessions instead of refusing. Connection pools reconnect. */
  readonly end: boolean;
  /** What the user can do when there are sessions. */
  readonly hint: string;
}

/** Runs `work` while the database has no sessions and accepts none, then reopens it. */
export async function whileQuiesced<T>(
  server: Server,
  { database, end, hint }: QuiesceOptions,
  work: () => Promise<T>,
): Promise<T> {
  // Before it is closed: a refusal must not disturb any client.
  if (!end) await refuseSessions(server, database, hint);
  try {
    await seal(server, database);
    await (end ? endSessions(server, database) : refuseSessions(server, database, hint));
    return await work();
  } finally {
    await cleanUp(server, (usable) => open(usable, database));
  }
}
