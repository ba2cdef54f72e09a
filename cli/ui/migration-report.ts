import { type Journal, type Movable, migrationFolder } from '../../app/migration/journal.ts';
import type { MigrationPlan } from '../../app/migration/plan.ts';
import { hasWorktree, pendingDatabases } from '../../app/migration/restore-phase.ts';
import type { FinishedMigration, Interrupted } from '../../app/migration/run.ts';
import { ExitCode } from '../../core/errors.ts';
import { environmentName } from '../../core/names.ts';
import type { Phases } from '../../core/phases.ts';
import { duration } from '../../core/text/duration.ts';
import type { Result } from '../define.ts';
import { adviceFor } from './advice.ts';
import { planDocument, planText } from './migration-plan.ts';

export { planText };

export function resumeText({ journal: { from, to }, waiting }: Interrupted): string {
  return `a migration from ${from} to ${to} was interrupted; still to be restored: ${waiting.join(', ') || 'nothing'}`;
}

export function backText({ from, to }: Journal): string {
  return `a migration from ${from} to ${to} was interrupted. Back to the ${from} cluster as it was before; work done on ${to} since then stays there`;
}

export function deletionQuestion(from: Movable): string {
  return `Delete the old ${from} cluster, with its snapshots and everything else that was not carried over?`;
}

export function nothingToMove(to: Movable): Result {
  return {
    text: `your cluster is already a ${to} cluster: there is nothing to move`,
    json: { from: to, to, moved: false },
  };
}

export function wouldMove(plan: MigrationPlan): Result {
  return { text: planText(plan), json: { ...planDocument(plan), moved: false } };
}

export function wouldResume(interrupted: Interrupted): Result {
  const { from, to } = interrupted.journal;
  return {
    text: resumeText(interrupted),
    json: { from, to, moved: false, waiting: interrupted.waiting },
  };
}

export function wouldGoBack(journal: Journal): Result {
  const { from, to } = journal;
  return { text: backText(journal), json: { from: to, to: from, moved: false } };
}

export function wentBack({ from, to }: Journal, phases: Phases): Result {
  return {
    text: [
      `back on ${from} in ${duration(phases.total)}, as before the migration`,
      `  the ${to} cluster is stopped; to delete it: ${resetLine(to)}`,
    ].join('\n'),
    json: { from: to, to: from, moved: false, back: true, timings: phases.list },
  };
}

export function moved(migration: FinishedMigration, phases: Phases): Result {
  const { journal, failures, plan, oldDeleted } = migration;
  const { from, to, environments, databases } = journal;
  return {
    text: movedLines(migration, phases).join('\n'),
    json: {
      from,
      to,
      moved: pendingDatabases(journal).length === 0,
      environments: environments.map(({ app, slug, specFolder }) => ({ app, slug, folder: specFolder })),
      databases: databases.map(databaseDocument),
      ...(plan === undefined ? {} : { notCarried: planDocument(plan).notCarried }),
      failures,
      removedOld: oldDeleted,
      timings: phases.list,
    },
    exitCode: failures.length === 0 ? ExitCode.ok : ExitCode.problem,
  };
}

function movedLines({ journal, failures, oldDeleted }: FinishedMigration, phases: Phases): string[] {
  const { from, to, databases } = journal;
  const failed = failures.map(({ what, reason }) => `  ${what}: ${reason.split('\n').join('\n    ')}`);
  const kept = databases.filter((database) => !database.restored && !hasWorktree(database, journal));
  return [
    failures.length === 0
      ? `moved from ${from} to ${to} in ${duration(phases.total)}: ${names(journal)}`
      : `on ${to} now, but some of it is missing:`,
    ...failed,
    ...kept.map(({ name, file }) => `  ${name} belongs to no worktree; its dump is kept: ${file}`),
    ...nextLines(journal, failures.length > 0),
    oldDeleted
      ? `  the ${from} cluster is deleted`
      : `  the ${from} cluster is stopped and keeps everything; to delete it: ${resetLine(from)}`,
  ];
}

function nextLines(journal: Journal, failed: boolean): string[] {
  const { from, to } = journal;
  if (pendingDatabases(journal).length > 0) {
    return [
      `  the ${from} cluster and the dumps in ${migrationFolder()} have everything`,
      `  to continue: wt cluster migrate --to ${to}; to go back: wt cluster migrate --to ${from}`,
    ];
  }
  return failed
    ? ['  all databases are there; wt up in such a worktree shows the reason and tries again']
    : [];
}

function databaseDocument({ name, restored, contents, file }: Journal['databases'][number]) {
  return {
    name,
    restored,
    tables: contents
      .filter(({ kind }) => kind === 'table')
      .map(({ schema, name, rows }) => ({ schema, name, rows })),
    ...(restored ? {} : { dump: file }),
  };
}

function names({ environments }: Journal): string {
  const up = environments.filter(({ specFolder }) => specFolder !== undefined);
  return up.map(({ app, slug }) => environmentName(app, slug)).join(', ') || 'no environment';
}

/** The embedded cluster belongs to root. */
function resetLine(driver: string): string {
  return adviceFor(`${driver === 'embedded' ? 'sudo ' : ''}wt cluster reset --driver ${driver}`);
}
