import { closeSync, openSync } from 'node:fs';
import { readdir, rename, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { start } from '../../../core/run.ts';
import { deleteReferences } from '../../../git/references.ts';
import { KEPT_MS, keepAges } from './age.ts';
import {
  allRecords,
  type DeletedWorktree,
  entryFolder,
  expiredName,
  isExpiredName,
  readRecords,
  trashFolder,
} from './record.ts';

/** So many deleted worktrees are removed at a time; the rest by later deletions. */
const MOST = 20;

/**
 * Removes what has been there for more than 72 hours in which the machine ran, in a process of its own that has little of the machine and that nobody
 * waits for. An unfinished deletion stays.
 */
export async function sweepTrash(common: string): Promise<void> {
  const folder = trashFolder(common);
  const names = await readdir(folder).catch(() => []);
  const old = names.length === 0 ? [] : await expiredIn(common);
  const left = names.filter(isExpiredName).map((name) => join(folder, name));
  const expired: string[] = [];
  for (const record of old.slice(0, MOST)) expired.push(...(await expire(record, common)));
  const all = [...left, ...expired];
  if (all.length > 0) removeInBackground(all);
}

async function expiredIn(common: string): Promise<DeletedWorktree[]> {
  const begun = new Set((await readRecords(common)).map(({ id }) => id));
  const all = await allRecords(common);
  const ages = await keepAges(common, all);
  return all.filter(({ id, done }) => (done || !begun.has(id)) && (ages.get(id) ?? 0) > KEPT_MS);
}

/** From the first step on an undo does not find it. */
async function expire(record: DeletedWorktree, common: string): Promise<string[]> {
  const { id, keep, tree } = record;
  await deleteReferences(common, keep);
  const to = join(trashFolder(common), expiredName(id));
  await rename(entryFolder(common, id), to);
  const beside = tree === undefined || tree.startsWith(trashFolder(common)) ? [] : [dirname(tree)];
  // Ours by its name alone: it is beside a person's own folders.
  return [to, ...beside.filter((path) => basename(path).startsWith('.coppice-trash-'))];
}

function removeInBackground(paths: readonly string[]): void {
  const script = 'chmod -R u+rwX -- "$@" 2>/dev/null; exec rm -rf -- "$@"';
  const words = ['-n', '19', 'sh', '-c', script, 'sh', ...paths];
  const nowhere = openSync('/dev/null', 'w');
  const child = start('nice', words, { detached: true, cwd: '/', stdio: ['ignore', nowhere, nowhere] });
  child.on('error', () => undefined);
  child.unref();
  closeSync(nowhere);
}

/** Removes an entry that an undo has emptied. */
export async function forgetEntry(record: DeletedWorktree, common: string): Promise<void> {
  for (const path of await expire(record, common)) removeInBackground([path]);
  await rmdir(trashFolder(common)).catch(() => undefined);
}
