import { posix } from 'node:path';
import { defined } from '../../core/defined.ts';
import type { DatabaseFiles, FileDigest, MigrationFile } from '../plan/environment-plan.ts';
import { type LoadedSpec, specError } from '../spec/load.ts';
import { hasLinks, linksOf } from '../spec/migrations/content.ts';
import type { MigrationToolName } from '../spec/migrations/tool-table.ts';
import { migrationKinds } from '../spec/migrations/tools.ts';
import type { DatabaseCommandSpec, DatabaseSpec } from '../spec/schema/database.ts';
import type { Path } from '../yaml/data.ts';

import { lockFiles, scriptRunners, wordsOf } from './command.ts';
import { filesMatching } from './matching.ts';
import { toolBehind } from './migration-tool.ts';
import { type DigestCache, FileReading } from './reading.ts';

export interface DatabaseFilesOptions {
  readonly digests?: DigestCache;
  /** Where a dump command's output is stored, as an absolute path; needed when `from.dump` is a command. */
  readonly dumpOf?: (command: string | readonly string[]) => string;
}

/** Which files define a database, without reading them: globs, and paths that may or may not exist. */
export interface WatchedFiles {
  readonly patterns: readonly string[];
  readonly files: readonly string[];
}

/**
 * Content of the files that `database:` names; undefined when it names none. What matches `migrate.inputs` is a
 * migration, except for the files that the commands name, the seed, the mask and the dump, and for what the migration
 * tool has beside them. Throws SpecError for a file that is missing, or leads out of the folder.
 */
export async function readDatabaseFiles(
  loaded: LoadedSpec,
  options: DatabaseFilesOptions = {},
): Promise<DatabaseFiles | undefined> {
  const { database } = loaded.spec;
  if (database === undefined || database.engine === 'sqlite') return undefined;
  const reading = new FileReading(loaded.folder, options.digests);
  const files = await filesOf(database, reading, options);
  if (reading.findings.length > 0) throw await specError(loaded, reading.findings);
  return files;
}

async function filesOf(
  { migrate, seed, from }: DatabaseSpec,
  reading: FileReading,
  { dumpOf }: DatabaseFilesOptions,
): Promise<DatabaseFiles> {
  const at = (...path: string[]): Path => ['database', ...path];
  const named = migrate ? await reading.present(toolsOf(migrate)) : [];
  const seeders = isSql(seed) ? [] : toolsOf(seed);
  const others = [...seeders, ...literalsOf(seed), from?.mask, pathOf(from?.dump, dumpOf)].flatMap(normal);
  const inputs = migrate ? await reading.matching(migrate.inputs, at('migrate', 'inputs')) : [];
  const dump = pathOf(from?.dump, dumpOf);
  const paths = inputs.filter(
    (path) => !named.includes(path) && !others.includes(path) && !isIn(path, normal(dump)),
  );
  const sorted = migrate && (await sortedInputs(migrate, paths, named, reading));
  const tools = [...new Set([...named, ...(sorted?.support ?? [])])].sort();
  return {
    migrations: sorted ? await migrationFiles(sorted, reading, at('migrate', 'inputs')) : [],
    ...(sorted && sorted.ignored.length > 0 && { ignored: sorted.ignored }),
    ...defined({ tool: sorted?.tool }),
    tools: await reading.digests(tools, at('migrate', 'command')),
    seed: await seedFiles(seed, reading, at('seed')),
    ...defined({
      dump: dump === undefined ? undefined : await reading.digestOfDump(dump, at('from', 'dump')),
      mask: from?.mask === undefined ? undefined : await maskOf(from.mask, reading, at('from', 'mask')),
    }),
  };
}

/** What `migrate.inputs` matches, by what it is to the tool. */
interface SortedInputs {
  readonly tool: MigrationToolName | undefined;
  readonly forward: readonly string[];
  readonly repeatable: readonly string[];
  /** Decides the result without being a migration. */
  readonly support: readonly string[];
  readonly ignored: readonly string[];
}

type MigrateSpec = NonNullable<DatabaseSpec['migrate']>;

/** The spec's own patterns decide before the tool does. */
async function sortedInputs(
  { command, tool: written, repeatable = [], generated = [] }: MigrateSpec,
  paths: readonly string[],
  named: readonly string[],
  reading: FileReading,
): Promise<SortedInputs> {
  const [again, made] = await Promise.all([
    filesMatching(reading.folder, repeatable),
    filesMatching(reading.folder, generated),
  ]);
  const tool = written ?? (await toolBehind(command, reading, named, paths));
  const text = typeof command === 'string' ? command : command.join(' ');
  const rest = paths.filter((path) => !again.includes(path) && !made.includes(path));
  const kinds = migrationKinds(tool, rest, text);
  const of = (...wanted: string[]) => rest.filter((path) => wanted.includes(kinds.get(path) ?? ''));
  return {
    tool,
    forward: of('forward'),
    repeatable: [...of('repeatable'), ...paths.filter((path) => again.includes(path))].sort(),
    support: of('support'),
    ignored: [
      ...of('undo', 'generated'),
      ...paths.filter((path) => made.includes(path) && !again.includes(path)),
    ].sort(),
  };
}

async function migrationFiles(
  { tool, forward, repeatable }: SortedInputs,
  reading: FileReading,
  at: Path,
): Promise<MigrationFile[]> {
  const files = await reading.digests([...forward, ...repeatable].sort(), at);
  return Promise.all(
    files.map(async (file) => {
      if (repeatable.includes(file.path)) return { ...file, kind: 'repeatable' as const };
      return hasLinks(tool) ? { ...file, ...linksOf(tool, file.path, await reading.text(file.path)) } : file;
    }),
  );
}

async function seedFiles(seed: DatabaseSpec['seed'], reading: FileReading, at: Path): Promise<FileDigest[]> {
  if (seed === undefined) return [];
  if (isSql(seed)) return reading.digests([seed].flat(), at);
  const inputs = await reading.matching(seed.inputs, [...at, 'inputs']);
  const tools = await reading.present(toolsOf(seed));
  return reading.digests([...new Set([...inputs, ...tools])].sort(), [...at, 'inputs']);
}

async function maskOf(path: string, reading: FileReading, at: Path): Promise<FileDigest | undefined> {
  const [digest] = await reading.digests([path], at);
  return digest;
}

/** Whether a path is one of these, or in one that is a folder, such as a dump. */
export function isIn(path: string, files: readonly string[]): boolean {
  return files.some((file) => path === file || path.startsWith(`${file}/`));
}

/** The same files, for callers that only check whether something changed. */
export function watchedFiles(
  database: DatabaseSpec | undefined,
  { dumpOf }: DatabaseFilesOptions = {},
): WatchedFiles {
  if (database === undefined) return { patterns: [], files: [] };
  const { migrate, seed, from } = database;
  const commands = [migrate, isSql(seed) ? undefined : seed].flatMap((one) => one ?? []);
  const single = [...(isSql(seed) ? [seed].flat() : []), from?.mask, pathOf(from?.dump, dumpOf)];
  return {
    patterns: [...new Set(commands.flatMap(({ inputs }) => inputs))],
    files: [...new Set([...commands.flatMap(toolsOf), ...single.flatMap((path) => path ?? [])])],
  };
}

/** Files that may exist and that influence what a command does. */
function toolsOf(spec: Pick<DatabaseCommandSpec, 'command'>): string[] {
  const words = wordsOf(spec.command);
  // `npm run migrate` runs what its package.json says.
  const manifest = words.some((word) => scriptRunners.includes(word)) ? ['package.json'] : [];
  return [...words, ...manifest, ...lockFiles];
}

/** Whether a seed is one file of SQL or several, or there is none. */
function isSql(seed: DatabaseSpec['seed']): seed is string | string[] | undefined {
  return seed === undefined || typeof seed === 'string' || Array.isArray(seed);
}

/** Inputs of a seed that are plain paths, not patterns. */
function literalsOf(seed: DatabaseSpec['seed']): string[] {
  return isSql(seed)
    ? [seed].flat().flatMap((path) => path ?? [])
    : seed.inputs.filter((input) => !/[*?[\]{}!()]/.test(input));
}

function pathOf(
  dump: NonNullable<DatabaseSpec['from']>['dump'] | undefined,
  dumpOf: DatabaseFilesOptions['dumpOf'],
): string | undefined {
  return dump === undefined || typeof dump === 'string' ? dump : dumpOf?.(dump.command);
}

function normal(path: string | undefined): string[] {
  return path === undefined ? [] : [posix.normalize(path).replace(/\/+$/, '')];
}
