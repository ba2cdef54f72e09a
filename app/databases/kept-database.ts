import type { Kube } from '../../cluster/kube/client.ts';
import { type DatabaseInputs, databaseContract } from '../../resources/database/contract.ts';
import { databaseAccessContract } from '../../resources/database-access/contract.ts';
import { resourceOf, type StackState } from '../engine/index.ts';

/** A deleted database that can be restored for a while. */
export interface KeptDatabase {
  readonly name: string;
  /** Name of the snapshot on the server. */
  readonly snapshot: string;
}

/** A stack's PostgreSQL database, from its state. */
export function databaseOf(state: StackState | undefined): DatabaseInputs | undefined {
  // Ours, or the last of those beside resources of @pulumi/postgresql.
  return resourceOf(state, databaseContract) ?? resourceOf(state, databaseAccessContract);
}

/**
 * The snapshot of a database that was just deleted, if the server kept one: only the server knows whether keeping it
 * cost nothing. Never throws, as it is only reported.
 */
export async function keptDatabase(
  kube: Kube,
  deleted: DatabaseInputs,
  since: Date,
): Promise<KeptDatabase | undefined> {
  const { name } = deleted.database;
  // Only an environment with a database pays for the client.
  const [{ withServer }, { marks }] = await Promise.all([
    import('../../servers/postgres/reach.ts'),
    import('../../servers/postgres/databases.ts'),
  ]);
  const signal = AbortSignal.timeout(5_000);
  const all = await withServer(kube, deleted, signal, (server) => marks(server)).catch(() => []);
  const found = all.find(
    ({ mark }) =>
      mark?.kind === 'snapshot' &&
      mark.of === name &&
      mark.reason === 'down' &&
      Date.parse(mark.takenAt) >= since.getTime(),
  );
  return found && { name, snapshot: found.name };
}
