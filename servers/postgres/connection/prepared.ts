import { CoppiceError } from '../../../core/errors.ts';
import type { Server } from './server.ts';
import { open } from './sessions.ts';

/** A transaction that waits for its second phase (`PREPARE TRANSACTION`), without any session. */
export interface PreparedTransaction {
  /** Its identifier, as `COMMIT PREPARED` takes it. */
  readonly gid: string;
  readonly user: string;
  /** Since it was prepared. */
  readonly ageSeconds: number;
}

export function preparedTransactions(server: Server, database: string): Promise<PreparedTransaction[]> {
  return server.query<PreparedTransaction & Record<string, unknown>>(
    `SELECT gid, owner AS user, extract(epoch FROM clock_timestamp() - prepared)::int AS "ageSeconds"
       FROM pg_prepared_xacts WHERE database = $1 ORDER BY prepared`,
    [database],
  );
}

/**
 * Throws COPPICE_DATABASE_PREPARED with the transactions: with one of them a database cannot be copied, renamed or
 * dropped, and nobody can end it in a database that is closed. So an earlier attempt's is opened again.
 */
export async function refusePrepared(server: Server, database: string): Promise<void> {
  const found = await preparedTransactions(server, database);
  if (found.length === 0) return;
  await open(server, database);
  throw preparedError(database, found);
}

function preparedError(database: string, found: readonly PreparedTransaction[]): CoppiceError {
  const lines = found.map(({ gid, user, ageSeconds }) => `  ${gid} of ${user}, prepared ${ageSeconds} s ago`);
  const [first] = found;
  const literal = `'${first?.gid.replaceAll("'", "''")}'`;
  return new CoppiceError(
    'COPPICE_DATABASE_PREPARED',
    [
      `database ${database} has prepared transactions, so it can be neither copied nor dropped:`,
      ...lines,
    ].join('\n'),
    {
      hint: `end each of them in that database (wt db psql) with ROLLBACK PREPARED ${literal} or COMMIT PREPARED ${literal}, then try again`,
    },
  );
}
