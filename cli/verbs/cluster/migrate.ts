import { chosenDriver } from '../../../app/clusters/clusters.ts';
import { completeSwitch, forgetAside } from '../../../app/clusters/set-aside.ts';
import { confirm } from '../../../app/consent/confirm.ts';
import { wayOf } from '../../../app/migration/direction.ts';
import { type Journal, migrationFolder, readJournal } from '../../../app/migration/journal.ts';
import { arrive, leave, look, type Moved } from '../../../app/migration/migrate.ts';
import {
  movableFrom,
  movableTo,
  refuseOtherDriver,
  refuseUnprivileged,
} from '../../../app/migration/obstacles.ts';
import { type MigrationPlan, planDocument, planText } from '../../../app/migration/plan.ts';
import { hasPlace, waiting } from '../../../app/migration/restore-phase.ts';
import { goBack } from '../../../app/migration/return.ts';
import type { Command, Ports, Result } from '../../../app/ports.ts';
import { CoppiceError, ExitCode, messageOf } from '../../../core/errors.ts';
import { interruptible } from '../../../core/interrupts.ts';
import { withLock } from '../../../core/lock.ts';
import { environmentName } from '../../../core/names.ts';
import { type ClusterRecord, readClusterRecord } from '../../../core/state/cluster-record.ts';
import { duration } from '../../../core/text/duration.ts';

export interface MigrateArgs {
  /** What `--to` says. */
  readonly to: string | undefined;
  readonly yes: boolean;
  /** Shows what would be done, and does nothing. */
  readonly dryRun: boolean;
  /** Deletes the old cluster in the end, without asking. */
  readonly removeOld: boolean;
}

/** Moves every environment to a cluster of the other driver, with its database. */
export const clusterMigrate: Command<MigrateArgs> = (args, ports) =>
  interruptible(ports.interrupts, (signal) =>
    withLock(
      migrationFolder(),
      () => migrate(args, signal, ports),
      () => ports.screen.note('waiting for another `wt cluster migrate` to end'),
    ),
  );

async function migrate(args: MigrateArgs, signal: AbortSignal, ports: Ports): Promise<Result> {
  const to = movableTo(args.to);
  await completeSwitch();
  const [journal, record] = await Promise.all([readJournal(), readClusterRecord()]);
  const way = wayOf(to, journal, record);
  if (journal !== undefined && way === 'back') return back(journal, args, ports);
  if (journal !== undefined && way === 'on') return goOn(journal, args, signal, ports);
  if (record?.driver === to) {
    return {
      text: `your cluster is one of ${to} already: there is nothing to move`,
      json: { from: to, to, moved: false },
    };
  }
  const from = movableFrom(record, to);
  const before = journal?.phase === 'raising' ? undefined : journal;
  return begin({ from, to }, record as ClusterRecord, before, args, signal, ports);
}

async function begin(
  way: Pick<Journal, 'from' | 'to'>,
  record: ClusterRecord,
  before: Journal | undefined,
  { yes, dryRun, removeOld }: MigrateArgs,
  signal: AbortSignal,
  ports: Ports,
): Promise<Result> {
  const { from, to } = way;
  refuseUnprivileged(to);
  const plan = await ports.phases.measure('look', () => look(way, record, before, signal, ports));
  if (dryRun) return { text: planText(plan), json: { ...planDocument(plan), moved: false } };
  if (yes) ports.screen.note(planText(plan));
  await confirm(
    {
      question: `${planText(plan)}\nMove them?`,
      yes,
      refusal: 'nothing was moved',
      hint: `wt cluster migrate --to ${to} --yes`,
    },
    ports,
  );
  const current = (await readClusterRecord()) ?? record;
  const left = await ports.phases.measure('dump', () => leave(plan, current, before, signal, ports));
  const moved = await ports.phases.measure('arrive', () => arriving(left, signal, ports));
  return report(moved, plan, await removed(moved, { from, yes, removeOld }, ports), ports);
}

/** The second half of a migration that was cut short. */
async function goOn(
  journal: Journal,
  { yes, removeOld, dryRun }: MigrateArgs,
  signal: AbortSignal,
  ports: Ports,
): Promise<Result> {
  const { from, to } = journal;
  const left = waiting(journal).map(({ name }) => name);
  const what = `a migration from ${from} to ${to} was cut short; still to be restored: ${left.join(', ') || 'nothing'}`;
  if (dryRun) return { text: what, json: { from, to, moved: false, waiting: left } };
  ports.screen.note(`${what}. Going on.`);
  const moved = await ports.phases.measure('arrive', () => arriving(journal, signal, ports));
  return report(moved, undefined, await removed(moved, { from, yes, removeOld }, ports), ports);
}

/** What is done stays done, and it is said how to go on. */
async function arriving(journal: Journal, signal: AbortSignal, ports: Ports): Promise<Moved> {
  try {
    return await arrive(journal, signal, ports);
  } catch (error) {
    const now = await readJournal();
    if (now === undefined) throw error;
    const { from, to, phase } = now;
    const how =
      phase === 'raising'
        ? `every database is on ${to}, but not every environment was brought up`
        : `the migration to ${to} is not complete; the ${from} cluster is stopped and has everything, dumps are in ${migrationFolder()}`;
    const next = phase === 'raising' ? '' : `, wt cluster migrate --to ${from} goes back`;
    throw new CoppiceError(
      error instanceof CoppiceError ? (error.code as `COPPICE_${string}`) : 'COPPICE_MIGRATE',
      `${messageOf(error)}\n${how}`,
      {
        hint: `wt cluster migrate --to ${to} goes on${next}`,
        cause: error,
      },
    );
  }
}

/** Gives a migration up that is not complete. */
async function back(journal: Journal, { yes, dryRun }: MigrateArgs, ports: Ports): Promise<Result> {
  const { from, to } = journal;
  refuseUnprivileged(from);
  refuseOtherDriver((await chosenDriver(ports, from)).settings, from);
  const what = `a migration from ${from} to ${to} was cut short. Back to the ${from} cluster as it was before; what was done on ${to} since stays there`;
  if (dryRun) return { text: what, json: { from: to, to: from, moved: false } };
  await confirm(
    {
      question: `${what}. Go back?`,
      yes,
      refusal: 'nothing was changed',
      hint: `wt cluster migrate --to ${from} --yes`,
    },
    ports,
  );
  await ports.phases.measure('back', () => goBack(journal, ports));
  return {
    text: [
      `back on ${from} in ${duration(ports.phases.total)}, as before the migration`,
      `  the ${to} cluster is stopped; to delete it: wt cluster reset --driver ${to}`,
    ].join('\n'),
    json: { from: to, to: from, moved: false, back: true, timings: ports.phases.list },
  };
}

/** Whether the old cluster was deleted: only when all has moved, and somebody said so. */
async function removed(
  { failures }: Moved,
  {
    from,
    yes,
    removeOld,
  }: { readonly from: Journal['from']; readonly yes: boolean; readonly removeOld: boolean },
  ports: Ports,
): Promise<boolean> {
  if (failures.length > 0) return false;
  const question = `Delete the old ${from} cluster, with its snapshots and all else that was not carried over?`;
  if (!removeOld && (yes || !(await ports.ask(question)))) return false;
  const { driver } = await chosenDriver(ports, from);
  await ports.phases.measure('remove', () => driver.reset());
  await forgetAside(from);
  return true;
}

function report(
  { journal, failures }: Moved,
  plan: MigrationPlan | undefined,
  gone: boolean,
  ports: Ports,
): Result {
  const { from, to, environments, databases } = journal;
  const kept = databases.filter((database) => !database.restored && !hasPlace(database, journal));
  const open = waiting(journal);
  const failed = failures.map(({ what, reason }) => `  ${what}: ${reason.split('\n').join('\n    ')}`);
  const lines = [
    failures.length === 0
      ? `moved from ${from} to ${to} in ${duration(ports.phases.total)}: ${names(journal)}`
      : `on ${to} now, but not all of it came along:`,
    ...failed,
    ...kept.map(({ name, file }) => `  ${name} belongs to no worktree; its dump is kept: ${file}`),
    ...(open.length === 0
      ? []
      : [
          `  the ${from} cluster and the dumps in ${migrationFolder()} have everything`,
          `  to go on: wt cluster migrate --to ${to}; to go back: wt cluster migrate --to ${from}`,
        ]),
    ...(open.length === 0 && failures.length > 0
      ? ['  databases are all there; wt up in such a worktree says more and tries again']
      : []),
    gone
      ? `  the ${from} cluster is deleted`
      : `  the ${from} cluster is stopped and has all it had; to delete it: wt cluster reset --driver ${from}`,
  ];
  return {
    text: lines.join('\n'),
    json: {
      from,
      to,
      moved: open.length === 0,
      environments: environments.map(({ app, slug, specFolder }) => ({ app, slug, folder: specFolder })),
      databases: databases.map(({ name, restored, contents, file }) => ({
        name,
        restored,
        tables: contents
          .filter(({ kind }) => kind === 'table')
          .map(({ schema, name, rows }) => ({ schema, name, rows })),
        ...(restored ? {} : { dump: file }),
      })),
      ...(plan === undefined ? {} : { notCarried: planDocument(plan).notCarried }),
      failures,
      removedOld: gone,
      timings: ports.phases.list,
    },
    exitCode: failures.length === 0 ? ExitCode.ok : ExitCode.problem,
  };
}

function names({ environments }: Journal): string {
  const up = environments.filter(({ specFolder }) => specFolder !== undefined);
  return up.map(({ app, slug }) => environmentName(app, slug)).join(', ') || 'no environment';
}
