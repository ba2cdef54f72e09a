import { posix } from 'node:path';
import { CoppiceError } from '../../core/errors.ts';
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

/** What an environment's database is made of; undefined when its spec asks for none. Throws COPPICE_SOURCE. */
export function planDatabase(spec: Spec, where: DatabaseContext): DatabasePlan | undefined {
  const { database } = spec;
  if (database === undefined) return undefined;
  if (database.engine === 'sqlite') return { engine: 'sqlite', file: posix.normalize(database.file ?? '') };
  return planPostgres(spec, database, where);
}

function planPostgres(spec: Spec, database: DatabaseSpec, where: DatabaseContext): PostgresPlan {
  const files = where.files ?? noFiles(database);
  const migrate = database.migrate && planMigrate(spec, database.migrate, files, where);
  const seed = database.seed === undefined ? undefined : planSeed(spec, database.seed, files, where);
  return {
    engine: 'postgres',
    server: database.server,
    name: databaseName(spec.name, where.slug),
    owner: ownerRoleName(spec.name),
    extensions: [...new Set(database.extensions)].sort(),
    ...(migrate && { migrate }),
    ...(seed && { seed }),
    ...(files.dump && { from: { dump: files.dump, ...(files.mask && { mask: files.mask }) } }),
  };
}

function planMigrate(
  spec: Spec,
  written: DatabaseCommandSpec,
  { migrations, tools }: DatabaseFiles,
  where: DatabaseContext,
): MigratePlan {
  const { inputs } = written;
  return { ...planCommand(spec, 'migrate', written, where), migrations, inputs, tools };
}

function planSeed(
  spec: Spec,
  written: NonNullable<DatabaseSpec['seed']>,
  { seed }: DatabaseFiles,
  where: DatabaseContext,
): SeedPlan {
  if (typeof written === 'string') return { kind: 'sql', ...only(seed) };
  return { kind: 'command', ...planCommand(spec, 'seed', written, where), files: seed };
}

function planCommand(
  spec: Spec,
  name: string,
  written: DatabaseCommandSpec,
  { source, references, runtimes }: DatabaseContext,
): DatabaseCommandPlan {
  const process = processOf(spec, written);
  if (source.kind === 'image' && process.image === undefined) {
    throw new CoppiceError(
      'COPPICE_SOURCE',
      `database.${name} needs the folder mounted, and the nodes of this cluster do not see the files of this machine`,
      { hint: 'use a cluster on this machine, or give it an image that contains its files' },
    );
  }
  return {
    image: imageOf(`database.${name}`, process, runtimes),
    command: argvOf(written.command),
    ...planVariables(written.env ?? {}, references),
    timeoutSeconds: secondsOf(written.timeout),
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
