import { cleanUp } from '../clones/clean-up.ts';
import type { Server } from './server.ts';
import { endSessions, open, refuseSessions, seal } from './sessions.ts';

export interface QuiesceOptions {
  readonly database: string;
  /** Whoever is connected is disconnected, else it is refused. Pools connect again. */
  readonly end: boolean;
  /** What to do instead, when somebody is connected. */
  readonly hint: string;
}

/** Runs `work` while nobody is in the database and nobody comes in, then opens it again. */
export async function whileQuiesced<T>(
  server: Server,
  { database, end, hint }: QuiesceOptions,
  work: () => Promise<T>,
): Promise<T> {
  // Before it is closed: a refusal shall not disturb anybody.
  if (!end) await refuseSessions(server, database, hint);
  try {
    await seal(server, database);
    await (end ? endSessions(server, database) : refuseSessions(server, database, hint));
    return await work();
  } finally {
    await cleanUp(server, (usable) => open(usable, database));
  }
}
