import { lockKey } from '../marks/private-names.ts';
import { whileWatched } from './blockers.ts';
import type { Server } from './server.ts';

/**
 * Runs `work` while holding the lock of that name on this server. The lock belongs to a connection of its own
 * and ends with it, however the process ends; `held` throws COPPICE_DATABASE_UNREACHABLE when that connection
 * was lost. `onWait` is called before waiting for another holder, and again with who that is.
 */
export async function withServerLock<T>(
  server: Server,
  name: string,
  work: (held: () => Promise<unknown>) => Promise<T>,
  onWait?: (text?: string) => void,
): Promise<T> {
  const holder = await server.in(server.database);
  const key = [lockKey(name)];
  try {
    const [got] = await holder.query<{ free: boolean }>('SELECT pg_try_advisory_lock($1) AS free', key);
    if (!got?.free) {
      onWait?.();
      await whileWatched(server, { waiter: { pid: holder.pid }, onBlocked: onWait }, () =>
        holder.query('SELECT pg_advisory_lock($1)', key),
      );
    }
    return await work(() => holder.query('SELECT'));
  } finally {
    await holder.close();
  }
}
