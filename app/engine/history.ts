import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Paths, paths } from '../../core/paths.ts';
import { historyFolder, type StackName, updateOfFile } from './backend-files.ts';

/** Updates that `pulumi stack history` still shows. */
const KEPT_UPDATES = 20;

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
