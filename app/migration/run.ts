import { CoppiceError, messageOf } from '../../core/errors.ts';
import { interruptible } from '../../core/interrupts.ts';
import { withLock } from '../../core/lock.ts';
import { type ClusterRecord, readClusterRecord } from '../../core/state/cluster-record.ts';
import { chosenDriver } from '../clusters/clusters.ts';
import { completeSwitch, forgetAside } from '../clusters/set-aside.ts';
import type { Ports } from '../ports.ts';
import { directionOf } from './direction.ts';
import { type Journal, type Movable, migrationFolder, readJournal } from './journal.ts';
import { checkMigration, dumpOldCluster, fillNewCluster, type Moved } from './migrate.ts';
import { movableFrom, movableTo, refuseOtherDriver, refuseUnprivileged } from './obstacles.ts';
import type { MigrationPlan } from './plan.ts';
import { pendingDatabases } from './restore-phase.ts';
import { goBack } from './return.ts';

export interface MigrationRequest {
  /** The driver that `--to` names. */
  readonly to: string | undefined;
  /** Only reports what would be done. */
  readonly dryRun: boolean;
}

/** Questions of a migration. */
export interface MigrationConsent {
  /** Throws unless everything may be moved as planned. */
  readonly move: (plan: MigrationPlan) => Promise<void>;
  /** Called before an interrupted migration continues. */
  readonly resume: (interrupted: Interrupted) => void;
  /** Throws unless an interrupted migration may be abandoned. */
  readonly goBack: (journal: Journal) => Promise<void>;
  /** Whether the old cluster may be deleted. */
  readonly deleteOld: (from: Movable) => Promise<boolean>;
}

/** A migration that was interrupted. */
export interface Interrupted {
  readonly journal: Journal;
  /** Names of the pending databases. */
  readonly waiting: readonly string[];
}

export interface FinishedMigration extends Moved {
  /** Undefined when an interrupted migration was continued. */
  readonly plan: MigrationPlan | undefined;
  readonly oldDeleted: boolean;
}

/** Result of a migration. A dry run returns one of the first four. */
export type MigrationOutcome =
  | { readonly kind: 'nothing to move'; readonly to: Movable }
  | { readonly kind: 'would move'; readonly plan: MigrationPlan }
  | { readonly kind: 'would resume'; readonly interrupted: Interrupted }
  | { readonly kind: 'would go back'; readonly journal: Journal }
  | { readonly kind: 'went back'; readonly journal: Journal }
  | { readonly kind: 'moved'; readonly migration: FinishedMigration };

/**
 * Moves every environment to a cluster of the other driver, with its database; or continues or abandons an interrupted
 * migration. One at a time. Throws COPPICE_NOT_CONFIRMED, COPPICE_INTERRUPTED, what {@link checkMigration} finds in the way, and
 * later failures with the current state.
 */
export function runMigration(
  request: MigrationRequest,
  consent: MigrationConsent,
  ports: Ports,
): Promise<MigrationOutcome> {
  return interruptible(ports.interrupts, (signal) =>
    withLock(
      migrationFolder(),
      () => migrate(request.to, { dryRun: request.dryRun, consent, signal, ports }),
      () => ports.screen.note('waiting for another `wt cluster migrate` to end'),
    ),
  );
}

interface Run {
  readonly dryRun: boolean;
  readonly consent: MigrationConsent;
  readonly signal: AbortSignal;
  readonly ports: Ports;
}

async function migrate(named: string | undefined, run: Run): Promise<MigrationOutcome> {
  const to = movableTo(named);
  await completeSwitch();
  const [journal, record] = await Promise.all([readJournal(), readClusterRecord()]);
  const direction = directionOf(to, journal, record);
  if (journal !== undefined && direction === 'back') return giveUp(journal, run);
  if (journal !== undefined && direction === 'continue') return resume(journal, run);
  if (record?.driver === to) return { kind: 'nothing to move', to };
  const from = movableFrom(record, to);
  const before = journal?.phase === 'raising' ? undefined : journal;
  return begin({ from, to }, record as ClusterRecord, before, run);
}

async function begin(
  direction: Pick<Journal, 'from' | 'to'>,
  record: ClusterRecord,
  before: Journal | undefined,
  run: Run,
): Promise<MigrationOutcome> {
  const { signal, ports } = run;
  const { phases } = ports;
  refuseUnprivileged(direction.to);
  const plan = await phases.measure('look', () => checkMigration(direction, record, before, signal, ports));
  if (run.dryRun) return { kind: 'would move', plan };
  await run.consent.move(plan);
  const current = (await readClusterRecord()) ?? record;
  const left = await phases.measure('dump', () => dumpOldCluster(plan, current, before, signal, ports));
  return finish(left, plan, run);
}

/** The second half of an interrupted migration. */
async function resume(journal: Journal, run: Run): Promise<MigrationOutcome> {
  const interrupted: Interrupted = { journal, waiting: pendingDatabases(journal).map(({ name }) => name) };
  if (run.dryRun) return { kind: 'would resume', interrupted };
  run.consent.resume(interrupted);
  return finish(journal, undefined, run);
}

async function finish(
  journal: Journal,
  plan: MigrationPlan | undefined,
  run: Run,
): Promise<MigrationOutcome> {
  const moved = await run.ports.phases.measure('arrive', () => fillOrExplain(journal, run));
  const oldDeleted = moved.failures.length === 0 && (await deleteOld(journal.from, run));
  return { kind: 'moved', migration: { ...moved, plan, oldDeleted } };
}

/** Finished steps stay, and the error names the command that continues. */
async function fillOrExplain(journal: Journal, { signal, ports }: Run): Promise<Moved> {
  try {
    return await fillNewCluster(journal, signal, ports);
  } catch (error) {
    const now = await readJournal();
    throw now === undefined ? error : incompleteError(now, error);
  }
}

function incompleteError({ from, to, phase }: Journal, error: unknown): CoppiceError {
  const how =
    phase === 'raising'
      ? `every database is on ${to}, but not every environment was brought up`
      : `the migration to ${to} is not complete; the ${from} cluster is stopped and has everything, dumps are in ${migrationFolder()}`;
  const back = phase === 'raising' ? '' : `, wt cluster migrate --to ${from} goes back`;
  return new CoppiceError(
    error instanceof CoppiceError ? error.code : 'COPPICE_MIGRATE',
    `${messageOf(error)}\n${how}`,
    { hint: `wt cluster migrate --to ${to} continues${back}`, cause: error },
  );
}

/** Abandons a migration that is not complete. */
async function giveUp(journal: Journal, { dryRun, consent, ports }: Run): Promise<MigrationOutcome> {
  const { from } = journal;
  refuseUnprivileged(from);
  refuseOtherDriver((await chosenDriver(ports, from)).settings, from);
  if (dryRun) return { kind: 'would go back', journal };
  await consent.goBack(journal);
  await ports.phases.measure('back', () => goBack(journal, ports));
  return { kind: 'went back', journal };
}

async function deleteOld(from: Movable, { consent, ports }: Run): Promise<boolean> {
  if (!(await consent.deleteOld(from))) return false;
  const { driver } = await chosenDriver(ports, from);
  await ports.phases.measure('remove', () => driver.reset());
  await forgetAside(from);
  return true;
}
