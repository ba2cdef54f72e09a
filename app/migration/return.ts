import { defined } from '../../core/defined.ts';
import { CoppiceError, type ErrorCode, messageOf } from '../../core/errors.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { chosenDriver, startCluster } from '../clusters/clusters.ts';
import { ensureEngine } from '../engine/index.ts';
import { ensurePlatform } from '../platform/ensure.ts';
import type { Ports } from '../ports.ts';
import { resume } from './dump-phase.ts';
import { endJournal, type Journal, type Movable, removeDumps } from './journal.ts';

/**
 * Returns to the old cluster, with everything as it was before the migration. The new one is stopped and keeps its
 * content. May be repeated.
 */
export async function goBack(journal: Journal, ports: Ports): Promise<void> {
  const { from, to } = journal;
  const target = await chosenDriver(ports, to);
  await target.driver
    .stop()
    .catch((error: unknown) =>
      ports.screen.note(`the ${to} cluster could not be stopped: ${messageOf(error)}`),
    );
  await resume(journal, await startWithPlatform(from, ports), ports);
  // The old cluster still has every dumped database.
  await removeDumps(journal.databases);
  await endJournal();
}

/** Starts an earlier cluster with its platform, whose servers take a while to be ready. */
export async function startWithPlatform(name: Movable, ports: Ports): Promise<ClusterRecord> {
  const { driver } = await chosenDriver(ports, name);
  const record = await startCluster(driver, ports);
  await ensurePlatform(record, await ensureEngine(ports.screen), ports);
  return record;
}

/** Goes back after a failure, and returns the error to throw: what happened, and the current state. */
export async function afterFailure(journal: Journal, error: unknown, ports: Ports): Promise<CoppiceError> {
  const { from, to } = journal;
  ports.screen.note(`${messageOf(error)}: going back to the ${from} cluster`);
  const { code, hint } = detailsOf(error);
  try {
    await goBack(journal, ports);
  } catch (second) {
    return new CoppiceError(
      code,
      `${messageOf(error)}; and the ${from} cluster, which has everything, could not be started again: ${messageOf(second)}`,
      { hint: `repair that, then: wt cluster migrate --to ${from}`, cause: error },
    );
  }
  return new CoppiceError(
    code,
    `nothing was moved to ${to}: ${messageOf(error)}\nyour ${from} cluster runs again as before`,
    { cause: error, ...defined({ hint }) },
  );
}

function detailsOf(error: unknown): {
  readonly code: ErrorCode;
  readonly hint?: string | undefined;
} {
  if (!(error instanceof CoppiceError)) return { code: 'COPPICE_MIGRATE' };
  return { code: error.code, hint: error.hint };
}
