import { databaseOfEnvironment, type MovedEnvironment } from '../../app/migration/journal.ts';
import {
  bytesOf,
  databasesWithoutWorktree,
  type MigrationPlan,
  type PlannedDatabase,
} from '../../app/migration/plan.ts';
import { environmentName } from '../../core/names.ts';
import { counted } from '../../core/text/counted.ts';
import { size } from '../../core/text/size.ts';
import { table } from './table.ts';

export function planText(plan: MigrationPlan): string {
  const { from, to, environments, databases } = plan;
  const rows = environments.map((environment) => [
    environmentName(environment.app, environment.slug),
    databaseText(environment, databases),
    fateOf(environment),
  ]);
  const lines = [
    `from ${from} to ${to}: ${counted(environments.length, 'environment')}, ${counted(databases.length, 'database')} of ${size(bytesOf(plan))}`,
    ...(rows.length === 0 ? [] : [table(rows, '  ')]),
    ...leftLines(plan).map((line) => `  ${line}`),
    `  the ${from} cluster is stopped and keeps everything; pods and sessions end now`,
  ];
  return lines.join('\n');
}

function databaseText(environment: MovedEnvironment, databases: readonly PlannedDatabase[]): string {
  if (environment.managed) return 'database on its own server: stays there';
  const database = databaseOfEnvironment(environment, databases);
  return database === undefined ? 'no database in the cluster' : `database of ${size(database.bytes)}`;
}

function fateOf({ specFolder, stopped, branch }: MovedEnvironment): string {
  if (specFolder === undefined)
    return `not brought up: no worktree has branch ${branch} and its coppice.yaml`;
  return stopped ? 'brought up, then stopped as it is now' : 'brought up';
}

/** What is left behind, one line each. */
function leftLines(plan: MigrationPlan): string[] {
  const { left, temporal } = plan;
  const alone = databasesWithoutWorktree(plan);
  const kept = [
    ...(left.snapshots === 0 ? [] : [counted(left.snapshots, 'snapshot')]),
    ...(temporal.length === 0 ? [] : [`workflows and their histories of ${temporal.join(', ')}`]),
    'logs',
  ];
  return [
    `not carried over: ${kept.join(', ')}; templates are built again when needed`,
    ...(alone.length === 0
      ? []
      : [`dumped and kept as files, as no worktree uses them: ${alone.map(({ name }) => name).join(', ')}`]),
  ];
}

/** The same as JSON. */
export function planDocument(plan: MigrationPlan) {
  const { from, to, environments, databases, left, temporal } = plan;
  return {
    from,
    to,
    environments: environments.map(({ app, slug, specFolder, stopped, managed }) => ({
      app,
      slug,
      folder: specFolder,
      stopped,
      managed,
    })),
    databases: databases.map(({ name, bytes }) => ({ name, bytes })),
    notCarried: { ...left, temporal },
    keptAsFiles: databasesWithoutWorktree(plan).map(({ name }) => name),
  };
}
