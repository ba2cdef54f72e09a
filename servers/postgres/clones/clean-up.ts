import { connectServer, type Server } from '../connection/server.ts';
import { endBackends } from '../connection/sessions.ts';
import { lockKey } from '../marks/private-names.ts';

/**
 * Cleans up after a failure. Ctrl+C destroys the connection: then `work` runs on a new one, which no signal
 * ends, and only after the old one's statement was terminated, which the server would finish otherwise.
 * `lock`: name of the lock that was held; a new holder of it cleans up itself. What fails here is found by
 * the next sweep.
 */
export async function cleanUp(
  server: Server,
  work: (usable: Server) => Promise<unknown>,
  lock?: string,
): Promise<void> {
  try {
    if (await answers(server)) await work(server);
    else await onNewConnection(server, work, lock);
  } catch {}
}

async function onNewConnection(
  server: Server,
  work: (usable: Server) => Promise<unknown>,
  lock: string | undefined,
): Promise<void> {
  const fresh = await connectServer(server.login);
  try {
    await endBackends(fresh, { pid: server.pid });
    if (lock !== undefined) {
      // The server soon notices that the old holder is gone.
      await fresh.query(`SET lock_timeout = '1s'`);
      await fresh.query('SELECT pg_advisory_lock($1)', [lockKey(lock)]);
      await fresh.query('RESET lock_timeout');
    }
    await work(fresh);
  } finally {
    await fresh.close();
  }
}

async function answers(server: Server): Promise<boolean> {
  return server.query('SELECT').then(
    () => true,
    () => false,
  );
}
