import { posix } from 'node:path';
import { defined } from '../../core/defined.ts';
import { CoppiceError } from '../../core/errors.ts';
import type { NothingLeft } from '../../core/exhaustive.ts';
import { databaseName, ownerRoleName } from '../../core/names.ts';
import { processOf } from '../spec/command-process.ts';
import type { References } from '../spec/references/references.ts';
import type { DatabaseCommandSpec, DatabaseSpec } from '../spec/schema/database.ts';
import { type Spec, secondsOf } from '../spec/schema/spec.ts';
import type {
  DatabaseCommandPlan,
  DatabaseFiles,
  DatabasePlan,
  FileDigest,
  MigratePlan,
  PlanContext,
  PostgresPlan,
  SeedPlan,
  SourcePlan,
} from './environment-plan.ts';
import { argvOf, imageOf } from './services.ts';
import { planVariables } from './variables.ts';

export interface DatabaseContext {
  readonly slug: string;
  readonly source: SourcePlan;
  readonly references: References;
  readonly runtimes: PlanContext['runtimes'];
  readonly files: DatabaseFiles | undefined;
}

/** The plan of an environment's database; undefined when its spec asks for none. Throws COPPICE_SOURCE. */
export function planDatabase(spec: Spec, where: DatabaseContext): DatabasePlan | undefined {
  const { database } = spec;
  if (database === undefined) return undefined;
  const { engine, file = '' } = database;
  if (engine === 'sqlite') return { engine, file: posix.normalize(file) };
  return planPostgres(spec, { ...database, engine }, where);
}

type PostgresSpec = DatabaseSpec & { readonly engine: 'postgres' };

function planPostgres(spec: Spec, database: PostgresSpec, where: DatabaseContext): PostgresPlan {
  const { engine, server, extensions, migrate, seed, ...rest } = database;
  // A rule refuses `file`, and what `from` names was read with the other files.
  rest satisfies NothingLeft<typeof rest, 'file' | 'from'>;
  const files = where.files ?? noFiles(database);
  return {
    engine,
    server,
    name: databaseName(spec.name, where.slug),
    owner: ownerRoleName(spec.name),
    extensions: [...new Set(extensions)].sort(),
    ...(migrate && { migrate: planMigrate(spec, migrate, files, where) }),
    ...(seed !== undefined && { seed: planSeed(spec, seed, files, where) }),
    ...(files.dump && { from: { dump: files.dump, ...defined({ mask: files.mask }) } }),
  };
}

function planMigrate(
  spec: Spec,
  written: DatabaseCommandSpec,
  { migrations, tools, ignored = [], tool }: DatabaseFiles,
  where: DatabaseContext,
): MigratePlan {
  const { inputs } = written;
  return {
    ...planCommand(spec, 'migrate', written, where),
    migrations,
    inputs,
    tools,
    ...(ignored.length > 0 && { ignored }),
    ...defined({ tool }),
  };
}

function planSeed(
  spec: Spec,
  written: NonNullable<DatabaseSpec['seed']>,
  { seed }: DatabaseFiles,
  where: DatabaseContext,
): SeedPlan {
  if (typeof written === 'string') return { kind: 'sql', ...only(seed) };
  if (Array.isArray(written)) return { kind: 'sql', ...only(seed), more: seed.slice(1) };
  return { kind: 'command', ...planCommand(spec, 'seed', written, where), files: seed };
}

function planCommand(
  spec: Spec,
  name: string,
  written: DatabaseCommandSpec,
  { source, references, runtimes }: DatabaseContext,
): DatabaseCommandPlan {
  const { runtime, image, command, env, timeout, ...rest } = written;
  rest satisfies NothingLeft<typeof rest, 'inputs'>;
  const process = processOf(spec, { runtime, image });
  if (source.kind === 'image' && process.image === undefined) {
    throw new CoppiceError(
      'COPPICE_SOURCE',
      `database.${name} needs the folder mounted, and the nodes of this cluster do not see the files of this machine`,
      { hint: 'use a cluster on this machine, or give it an image that contains its files' },
    );
  }
  return {
    image: imageOf(`database.${name}`, process, runtimes),
    command: argvOf(command),
    ...planVariables(env ?? {}, references),
    timeoutSeconds: secondsOf(timeout),
  };
}

function noFiles({ migrate, seed, from }: DatabaseSpec): DatabaseFiles {
  if (migrate ?? seed ?? from) throw new Error('the files of the database were not read before the plan');
  return { migrations: [], tools: [], seed: [] };
}

function only([file]: readonly FileDigest[]): FileDigest {
  if (!file) throw new Error('the file of the seed was not read before the plan');
  return file;
}
