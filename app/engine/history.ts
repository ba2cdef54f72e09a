import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent } from '../../core/files.ts';
import { type Paths, paths } from '../../core/paths.ts';
import { parseWhole } from '../../core/state/state-file.ts';
import { historyFolder, isUpdateRecord, type StackName, updateOfFile } from './backend-files.ts';

/** Updates that `pulumi stack history` still shows. */
const KEPT_UPDATES = 20;

/**
 * Whether the last operation of an engine on a stack ended without success, by `wt` or by hand. False where none is
 * recorded, or the record cannot be read.
 */
export async function lastUpdateFailed(name: StackName, places: Paths = paths()): Promise<boolean> {
  const folder = historyFolder(name, places);
  const records = (await readdir(folder).catch(() => [])).filter((file) => isUpdateRecord(file));
  const last = records.sort((one, other) => updateOfFile(one).localeCompare(updateOfFile(other))).at(-1);
  if (last === undefined) return false;
  const { value } = parseWhole((await readIfPresent(join(folder, last)).catch(() => '')) ?? '', {
    result: 'string',
  });
  return value !== undefined && (value as { readonly result: string }).result !== 'succeeded';
}

/** Removes copies of the state from old updates: every update leaves one that nothing else removes. */
export async function forgetOldUpdates(name: StackName, places: Paths = paths()): Promise<void> {
  const folder = historyFolder(name, places);
  const files = await readdir(folder).catch(() => []);
  const updates = [...new Set(files.map(updateOfFile))].sort();
  const old = new Set(updates.slice(0, Math.max(0, updates.length - KEPT_UPDATES)));
  await Promise.all(
    files
      .filter((file) => old.has(updateOfFile(file)))
      .map((file) => rm(join(folder, file), { force: true })),
  );
}
