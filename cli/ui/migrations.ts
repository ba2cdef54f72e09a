import type { AppMigrations, EnvironmentMigrations, IncompleteDump } from '../../app/databases/migrations.ts';
import type { FileDigest } from '../../config/plan/environment-plan.ts';
import { ExitCode } from '../../core/errors.ts';
import { counted } from '../../core/text/counted.ts';
import { since } from '../../core/text/duration.ts';
import { leftOutCounts, objectLeftOut, whyLeftOut } from '../../servers/postgres/databases.ts';
import {
  compareMigrations,
  type MigrationConflict,
  migrationConflicts,
} from '../../servers/postgres/migrations.ts';
import type { Result } from '../define.ts';
import { table } from './table.ts';

/** Report of `wt db status` about all environments of one app. Exit code 1 when something needs attention. */
export function migrationReport({ app, environments, dumps }: AppMigrations, now: number): Result {
  const states = environments.map((one) => ({
    ...one,
    ...(one.files === undefined
      ? { added: [], again: [], edited: [], removed: [] }
      : compareMigrations(one.applied, one.files, one.rules)),
  }));
  // Files in a worktree will be merged, applied or not.
  const conflicts = migrationConflicts(
    environments.map(({ environment, applied, files }) => ({
      app,
      environment,
      migrations: files ?? applied,
    })),
  );
  const changed = states.some(({ edited, removed }) => edited.length + removed.length > 0);
  const shared = sharedBy(environments);
  const lines = [
    table(
      states.map((state) => [
        `${app}/${state.environment}`,
        counted(state.applied.length, 'migration'),
        [
          ...named(
            'with',
            state.applied.map(({ path }) => path).filter((path) => !shared.has(path)),
          ),
          ...named('not applied yet', state.added),
          ...named('edited, runs again', state.again),
          ...named('edited after it ran', state.edited),
          ...named('removed after it ran', state.removed),
          ...(state.files === undefined ? ['its worktree cannot be read'] : []),
        ].join('; '),
      ]),
    ),
    ...(states.some(({ added, again }) => added.length + again.length > 0)
      ? ['  try: wt up runs what is not applied yet']
      : []),
    ...(changed ? ['  try: restore them, or wt db reset'] : []),
    ...conflicts.map(conflictText),
    ...dumps.map((dump) => leftOutReport(dump, now)),
  ];
  const none = `no environment of ${app} has a PostgreSQL database`;
  return {
    text: environments.length === 0 ? none : lines.join('\n'),
    json: {
      app,
      environments: states.map(
        ({ environment, branch, database, applied, files, added, again, edited, removed }) => ({
          environment,
          branch,
          database,
          applied,
          pending: [...added, ...again],
          edited,
          removed,
          worktreeRead: files !== undefined,
        }),
      ),
      conflicts,
      dumps: dumps.map(({ template, builtAt, leftOut: { counts, objects } }) => ({
        template,
        builtAt,
        leftOut: { counts, objects: objects.map((one) => ({ ...one, why: whyLeftOut(one) })) },
      })),
    },
    exitCode: conflicts.length > 0 || changed ? ExitCode.problem : ExitCode.ok,
  };
}

/** Paths that every environment has applied with the same content. */
function sharedBy(environments: readonly EnvironmentMigrations[]): Set<string> {
  const [first, ...others] = environments;
  const has = ({ applied }: EnvironmentMigrations, { path, sha256 }: FileDigest) =>
    applied.some((other) => other.path === path && other.sha256 === sha256);
  return new Set(
    (first?.applied ?? [])
      .filter((file) => others.every((other) => has(other, file)))
      .map(({ path }) => path),
  );
}

function named(what: string, paths: readonly string[]): string[] {
  return paths.length === 0 ? [] : [`${what} ${paths.join(', ')}`];
}

function conflictText({ kind, what, versions }: MigrationConflict): string {
  const why = {
    content: `two versions of ${what}`,
    number: `two migrations take the same number: ${what}`,
    parent: `two migrations follow the same revision: ${what}`,
  }[kind];
  const remedy =
    kind === 'parent'
      ? 'after merging both branches run `alembic merge heads`, or rebase one on the other'
      : 'rename one of them before both branches are merged';
  const who = versions.map(({ path, sha256, environments }) => [
    path,
    sha256.slice(0, 8),
    environments.join(', '),
  ]);
  return `\nconflict: ${why}\n${table(who, '  ')}\n  try: ${remedy}`;
}

/** So many lines, as a dump of a big provider may lack a hundred things. */
const mostLines = 20;

/** What a dump has that the databases have not, and why. */
function leftOutReport({ builtAt, leftOut }: IncompleteDump, now: number): string {
  const { objects } = leftOut;
  const shown = objects
    .slice(0, mostLines)
    .map((one) => [one.line === 0 ? 'mask' : `line ${one.line}`, objectLeftOut(one), whyLeftOut(one)]);
  const more = objects.length - shown.length;
  return [
    `\nleft out of the dump that was restored ${since(builtAt, now)} ago: ${leftOutCounts(leftOut)}`,
    ...(shown.length > 0 ? [table(shown, '  ')] : []),
    ...(more > 0 ? [`  and ${more} more: wt db status --json`] : []),
  ].join('\n');
}
