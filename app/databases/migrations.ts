import { join, relative } from 'node:path';
import { readDatabaseFiles } from '../../config/files/database.ts';
import type { DatabaseFiles, MigrationFile } from '../../config/plan/environment-plan.ts';
import { findSpec, loadSpec } from '../../config/spec/load.ts';
import { defined } from '../../core/defined.ts';
import { identify } from '../../git/identity.ts';
import { type LeftOutOfDump, type Marked, markedAs, marks } from '../../servers/postgres/databases.ts';
import type { MigrationRules } from '../../servers/postgres/migrations.ts';
import type { Ports } from '../ports.ts';
import type { Target } from '../target/target.ts';
import { onDatabase } from './administer.ts';

/** The database of an environment, and the files of its worktree. */
export interface EnvironmentMigrations {
  readonly environment: string;
  readonly branch: string;
  readonly database: string;
  readonly applied: readonly MigrationFile[];
  /** Undefined when the worktree or its spec cannot be read. */
  readonly files: readonly MigrationFile[] | undefined;
  /** What tells a migration from other files. */
  readonly rules: MigrationRules;
}

/** The migrations of all environments of an app. */
export interface AppMigrations {
  readonly app: string;
  readonly environments: readonly EnvironmentMigrations[];
  /** The restored dumps that their templates come from, and lack something. */
  readonly dumps: readonly IncompleteDump[];
}

/** A restored dump of which something was left out. */
export interface IncompleteDump {
  /** The template that has it. */
  readonly template: string;
  readonly builtAt: string;
  readonly leftOut: LeftOutOfDump;
}

/** Throws what naming an environment and reaching its server throw. */
export function migrationsOfApp(target: Target, ports: Ports): Promise<AppMigrations> {
  return onDatabase(target, ports, async ({ server, environment: { app, specFolder } }) => {
    const all = (await marks(server)).filter(({ mark }) => mark?.app === app);
    const clones = markedAs(all, 'clone');
    const here = specFolder === undefined ? undefined : await placeOfSpec(specFolder);
    const environments = await Promise.all(
      clones.map(async ({ name, mark: { environment, branch, worktree, migrations } }) => ({
        environment,
        branch,
        database: name,
        applied: migrations,
        ...inWorktree(await worktreeFiles(app, here ? samePlace(here, worktree) : worktree)),
      })),
    );
    return { app, environments, dumps: incompleteDumps(clones, markedAs(all, 'template')) };
  });
}

function incompleteDumps(
  clones: readonly Marked<'clone'>[],
  templates: readonly Marked<'template'>[],
): IncompleteDump[] {
  const used = new Set(clones.map(({ mark }) => mark.template));
  const sources = new Set(templates.filter(({ name }) => used.has(name)).map(({ mark }) => mark.source));
  return templates.flatMap(({ name, mark: { builtAt, leftOut } }) =>
    leftOut !== undefined && sources.has(name) ? [{ template: name, builtAt, leftOut }] : [],
  );
}

function inWorktree(found: DatabaseFiles | undefined): Pick<EnvironmentMigrations, 'files' | 'rules'> {
  if (found === undefined) return { files: undefined, rules: {} };
  return { files: found.migrations, rules: defined({ tool: found.tool, ignored: found.ignored }) };
}

interface SpecPlace {
  readonly worktree: string;
  readonly folder: string;
}

async function placeOfSpec(folder: string): Promise<SpecPlace> {
  const { worktree } = await identify(folder);
  return { worktree, folder };
}

/**
 * The migrations in a worktree. Undefined when the folder or its spec cannot be read, or is about another app; the
 * applied migrations of its database are known all the same.
 */
async function worktreeFiles(app: string, folder: string): Promise<DatabaseFiles | undefined> {
  try {
    const loaded = await loadSpec(await findSpec(folder));
    if (loaded.spec.name !== app || loaded.spec.database?.engine !== 'postgres') return undefined;
    return await readDatabaseFiles(loaded);
  } catch {
    return undefined;
  }
}

/** The same place in another worktree: a repository may have a spec in each of its folders. */
function samePlace(here: SpecPlace, worktree: string): string {
  return join(worktree, relative(here.worktree, here.folder));
}
