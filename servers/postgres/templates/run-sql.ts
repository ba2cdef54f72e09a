import { DatabaseError } from 'pg';
import { CoppiceError } from '../../../core/errors.ts';
import { whileWatched } from '../connection/blockers.ts';
import type { Server } from '../connection/server.ts';

/**
 * Runs the app's own SQL in one transaction, as its temporary login role. Throws COPPICE_SEED or COPPICE_MASK
 * with the line. Only the message is shown: a detail may contain rows.
 */
export async function runSql(
  server: Server,
  as: { readonly database: string; readonly user: string; readonly password: string },
  what: 'seed' | 'mask',
  text: string,
  onBlocked?: (text: string) => void,
): Promise<void> {
  const session = await server.in(as.database, as);
  try {
    await whileWatched(server, { waiter: { pid: session.pid }, onBlocked }, () => session.query(text));
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    const line = error.position && ` in line ${text.slice(0, Number(error.position)).split('\n').length}`;
    throw new CoppiceError(
      what === 'seed' ? 'COPPICE_SEED' : 'COPPICE_MASK',
      `the ${what}'s SQL failed${line ?? ''}: ${error.message}`,
      { hint: `correct the file of database.${what === 'seed' ? 'seed' : 'from.mask'}`, cause: error },
    );
  } finally {
    await session.close();
  }
}
