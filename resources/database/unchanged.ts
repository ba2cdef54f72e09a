import { filesMatching } from '../../config/files/matching.ts';
import { type DigestCache, digestOf } from '../../config/files/reading.ts';
import type { FileDigest } from '../../config/plan/environment-plan.ts';
import type { CommandRun } from '../../servers/postgres/types.ts';
import type { DatabaseInputs } from './contract.ts';
import { changedFileError, fileOf } from './texts.ts';

/**
 * Runs a command that reads files of the worktree in their current state. A template is identified by its inputs:
 * throws COPPICE_FILE_CHANGED when they differ from the plan, before the command and after it.
 */
export async function whileUnchanged(
  inputs: DatabaseInputs,
  kind: CommandRun['kind'],
  command: () => Promise<void>,
): Promise<void> {
  const files = filesRead(inputs, kind);
  const seen = new Map<string, string>();
  // The second check reads a big dump only if its size or time changed.
  const cache: DigestCache = {
    read: async (key) => seen.get(key),
    write: async (key, sha256) => void seen.set(key, sha256),
  };
  const check = async () => {
    await requireUnchanged(inputs, files, cache);
    if (kind === 'migrate') await requireNoOthers(inputs);
  };
  await check();
  await command();
  await check();
}

/** A command in the app's own image reads the files that were built into it. */
function filesRead({ source, database }: DatabaseInputs, kind: CommandRun['kind']): readonly FileDigest[] {
  const { migrate, seed, from } = database;
  if (kind === 'restore') return from ? [from.dump] : [];
  if (source.kind === 'image') return [];
  if (kind === 'migrate') return migrate ? [...migrate.migrations, ...migrate.tools] : [];
  return seed?.kind === 'command' ? seed.files : [];
}

async function requireUnchanged(
  { folder }: DatabaseInputs,
  files: readonly FileDigest[],
  cache: DigestCache,
): Promise<void> {
  for (const file of files) {
    const now = await digestOf(fileOf(folder, file), cache).catch(() => undefined);
    if (now !== file.sha256) throw changedFileError(file);
  }
}

/** A migration that was added since would run as well. */
async function requireNoOthers({ source, folder, database }: DatabaseInputs): Promise<void> {
  const { migrate, seed, from } = database;
  if (source.kind === 'image' || !migrate?.inputs) return;
  const seeds = seed?.kind === 'command' ? seed.files : [seed];
  const files = [...migrate.migrations, ...migrate.tools, ...seeds, from?.mask, from?.dump];
  const known = new Set(files.map((file) => file?.path));
  const other = (await filesMatching(folder, migrate.inputs)).find((path) => !known.has(path));
  if (other !== undefined) throw changedFileError({ path: other });
}
