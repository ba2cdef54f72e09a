import { isIn } from '../../config/files/database.ts';
import { filesMatching } from '../../config/files/matching.ts';
import { type DigestCache, digestOf } from '../../config/files/reading.ts';
import type { FileDigest } from '../../config/plan/environment-plan.ts';
import { placeOfMigration } from '../../config/spec/migrations/sequence.ts';
import type { MigrationToolName } from '../../config/spec/migrations/tool-table.ts';
import { migrationKind } from '../../config/spec/migrations/tools.ts';
import type { CommandRun, DumpText } from '../../servers/postgres/types.ts';
import type { DatabaseInputs } from './contract.ts';
import { changedFileError, fileOf, writtenFileError } from './texts.ts';

/**
 * Runs a command that reads files of the worktree in their current state. A template is identified by its inputs:
 * throws COPPICE_FILE_CHANGED when they differ from the plan, before the command and after it.
 */
export async function whileUnchanged(
  inputs: DatabaseInputs,
  kind: CommandRun['kind'],
  command: () => Promise<void>,
): Promise<void> {
  const requireSame = digestCheck(inputs, filesRead(inputs, kind));
  const check = async (errorFor: FileError) => {
    await requireSame(errorFor);
    if (kind === 'migrate') await requireNoOthers(inputs, errorFor);
  };
  await check(changedFileError);
  await command();
  await check((file) => (mayBeWritten(inputs, kind, file) ? writtenFileError(file) : changedFileError(file)));
}

type FileError = (file: Pick<FileDigest, 'path'>) => Error;

/** Whether the command itself may have changed it: nothing writes a numbered migration, or the program that runs. */
function mayBeWritten(
  { database: { migrate } }: DatabaseInputs,
  kind: CommandRun['kind'],
  { path }: Pick<FileDigest, 'path'>,
): boolean {
  const isTool = migrate?.tools.some((tool) => tool.path === path) ?? false;
  return kind === 'migrate' && !isTool && placeOfMigration(path) === undefined;
}

/** A dump that throws COPPICE_FILE_CHANGED at its end, or at once, when the file differs from the plan. */
export async function unchangedDump(inputs: DatabaseInputs, dump: DumpText): Promise<DumpText> {
  const { from } = inputs.database;
  const same = digestCheck(inputs, from ? [from.dump] : []);
  const check = () => same(changedFileError);
  try {
    await check();
  } catch (error) {
    await dump.close();
    throw error;
  }
  return { ...dump, chunks: followedBy(dump.chunks, check) };
}

async function* followedBy(
  chunks: AsyncIterable<Buffer>,
  check: () => Promise<void>,
): AsyncGenerator<Buffer> {
  yield* chunks;
  await check();
}

/** A command in the app's own image reads the files that were built into it. */
function filesRead({ source, database }: DatabaseInputs, kind: CommandRun['kind']): readonly FileDigest[] {
  const { migrate, seed } = database;
  if (source.kind === 'image') return [];
  if (kind === 'migrate') return migrate ? [...migrate.migrations, ...migrate.tools] : [];
  return seed?.kind === 'command' ? seed.files : [];
}

/** Throws when one differs from the plan. */
function digestCheck(
  inputs: DatabaseInputs,
  files: readonly FileDigest[],
): (errorFor: FileError) => Promise<void> {
  const seen = new Map<string, string>();
  // A later check reads a big dump only if its size or time changed.
  const cache: DigestCache = {
    read: async (key) => seen.get(key),
    write: async (key, sha256) => void seen.set(key, sha256),
  };
  return (errorFor) => requireUnchanged(inputs, files, cache, errorFor);
}

async function requireUnchanged(
  { folder }: DatabaseInputs,
  files: readonly FileDigest[],
  cache: DigestCache,
  errorFor: FileError,
): Promise<void> {
  for (const file of files) {
    const now = await digestOf(fileOf(folder, file), cache).catch(() => undefined);
    if (now !== file.sha256) throw errorFor(file);
  }
}

function isMigration(tool: MigrationToolName | undefined, path: string): boolean {
  const kind = migrationKind(tool, path);
  return kind === 'forward' || kind === 'repeatable';
}

/** A migration that was added since would run as well. */
async function requireNoOthers(
  { source, folder, database }: DatabaseInputs,
  errorFor: FileError,
): Promise<void> {
  const { migrate, seed, from } = database;
  if (source.kind === 'image' || !migrate?.inputs) return;
  const seeds = seed?.kind === 'command' ? seed.files : [seed, ...(seed?.more ?? [])];
  const files = [...migrate.migrations, ...migrate.tools, ...seeds, from?.mask, from?.dump];
  const known = [...files.flatMap((file) => file?.path ?? []), ...(migrate.ignored ?? [])];
  const others = (await filesMatching(folder, migrate.inputs)).filter((path) => !isIn(path, known));
  // A tool may write its schema file for the first time.
  const other = others.find((path) => isMigration(migrate.tool, path));
  if (other !== undefined) throw errorFor({ path: other });
}
