import { mountedRoots } from '../../cluster/drivers/k3d/mounted-roots.ts';
import { userHome } from '../../cluster/drivers/user-paths.ts';
import { type ClusterRecord, readClusterRecord } from '../../core/state/cluster-record.ts';
import { dumpsFolder } from '../../core/state/dumps.ts';
import { chosenDriver, isAnswering, startCluster } from '../clusters/clusters.ts';
import { readAside } from '../clusters/set-aside.ts';
import type { Ports } from '../ports.ts';
import { dumpDatabases, planMigration, stopEnvironments } from './dump-phase.ts';
import { endJournal, type Journal, readJournal, removeDumps, writeJournal } from './journal.ts';
import {
  refuseFullDisk,
  refuseOtherDriver,
  refuseTarget,
  refuseUnseen,
  refuseUsedTarget,
} from './obstacles.ts';
import type { MigrationPlan } from './plan.ts';
import {
  bringUp,
  type Failure,
  pendingDatabases,
  preparePlatform,
  restoreDatabases,
} from './restore-phase.ts';
import { afterFailure, startWithPlatform } from './return.ts';

export interface Moved {
  readonly journal: Journal;
  readonly failures: readonly Failure[];
}

/** Refuses everything that is known to be in the way before anything changes; then returns what there is to move. */
export async function checkMigration(
  way: Pick<Journal, 'from' | 'to'>,
  recorded: ClusterRecord,
  before: Journal | undefined,
  signal: AbortSignal,
  ports: Ports,
): Promise<MigrationPlan> {
  const { from, to } = way;
  const { driver: target, settings } = await chosenDriver(ports, to);
  refuseOtherDriver(settings, to);
  const aside = await readAside(to);
  refuseUsedTarget(aside, to);
  await refuseTarget(target, recorded);
  // Its own server has to dump the databases.
  const record = (await isAnswering(recorded)) ? recorded : await startWithPlatform(from, ports);
  const plan = await planMigration(way, record, before, signal);
  const roots = aside?.record?.roots ?? mountedRoots(settings.k3d.roots ?? [userHome()], dumpsFolder());
  if (to === 'k3d') refuseUnseen(plan.environments, roots);
  await refuseFullDisk(plan);
  return plan;
}

/** Stops and dumps everything in the old cluster; after any failure that is in use again as it was. */
export async function dumpOldCluster(
  { from, to, environments, databases }: MigrationPlan,
  record: ClusterRecord,
  before: Journal | undefined,
  signal: AbortSignal,
  ports: Ports,
): Promise<Journal> {
  await removeDumps(before?.databases ?? []);
  const journal: Journal = { from, to, phase: 'dumping', environments, databases: [] };
  await writeJournal(journal);
  try {
    await stopEnvironments(environments, record, ports);
    signal.throwIfAborted();
    const dumped = await dumpDatabases(journal, databases, record, signal, ports);
    signal.throwIfAborted();
    return dumped;
  } catch (error) {
    throw await afterFailure((await readJournal()) ?? journal, error, ports);
  }
}

/**
 * Switches to the new cluster and fills it. Until the first database is restored every failure goes back to the old
 * one; after that, finished steps stay and the same command continues. Throws COPPICE_INTERRUPTED.
 */
export async function fillNewCluster(journal: Journal, signal: AbortSignal, ports: Ports): Promise<Moved> {
  const { journal: prepared, record } = await startNewCluster(journal, signal, ports);
  const { journal: filled, failures } = await restoreDatabases(prepared, record, signal, ports);
  const complete = pendingDatabases(filled).length === 0;
  if (complete) await recordFilled(filled);
  const late = await bringUp(filled, record, signal, ports);
  // The new cluster has everything from the old one: `wt up` deals with what does not run yet.
  if (complete) await endJournal();
  return { journal: filled, failures: [...failures, ...late] };
}

async function recordFilled(journal: Journal): Promise<void> {
  await writeJournal({ ...journal, phase: 'raising' });
  await removeDumps(journal.databases.filter(({ restored }) => restored));
}

async function startNewCluster(
  journal: Journal,
  signal: AbortSignal,
  ports: Ports,
): Promise<{ readonly journal: Journal; readonly record: ClusterRecord }> {
  const { from, to } = journal;
  const started: Journal = journal.phase === 'raising' ? journal : { ...journal, phase: 'filling' };
  try {
    if ((await readClusterRecord())?.driver === from) await (await chosenDriver(ports, from)).driver.stop();
    signal.throwIfAborted();
    const { driver } = await chosenDriver(ports, to);
    const record = await startCluster(driver, ports);
    await writeJournal(started);
    signal.throwIfAborted();
    await preparePlatform(started, record, signal, ports);
    return { journal: started, record };
  } catch (error) {
    if (journal.phase === 'raising' || journal.databases.some(({ restored }) => restored)) throw error;
    throw await afterFailure(journal, error, ports);
  }
}
