import { chmodSync, existsSync, lstatSync, readdirSync, renameSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LeftOut } from '../../../core/copy/listing.ts';
import { hasCode } from '../../../core/errors.ts';
import { namesIn, removeIfEmpty } from '../../../core/files.ts';
import { withLock } from '../../../core/lock.ts';
import { gitFolderOf } from '../../../git/worktree-file.ts';

/** A folder that ignores itself, on the file system of the worktree; `wt up` keeps the schema of coppice.yaml there. */
const own = '.coppice';
const prefix = 'carrying-';

/**
 * Runs `work` with an empty folder of the worktree that no other process uses, and removes it afterwards. So a copy is
 * only moved to its place once it is whole. What a killed run left is removed first; another run for the same worktree
 * is waited for.
 */
export async function withStaging<T>(
  worktree: string,
  work: (folder: string) => Promise<T>,
  onWait?: () => void,
): Promise<T> {
  const gitFolder = await gitFolderOf(worktree);
  const lock = join(gitFolder ?? join(worktree, own), 'coppice', 'carry');
  return withLock(lock, () => staged(join(worktree, own), work), onWait);
}

async function staged<T>(folder: string, work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true });
  for (const name of await namesIn(folder)) {
    if (name.startsWith(prefix)) await removeTree(join(folder, name));
  }
  const ignore = join(folder, '.gitignore');
  if (!existsSync(ignore)) await writeFile(ignore, '*\n');
  const place = await mkdtemp(join(folder, prefix));
  try {
    return await work(place);
  } finally {
    await removeTree(place);
    // A killed run may have left it as the only file.
    if ((await namesIn(folder)).length === 1) await rm(ignore, { force: true });
    await removeIfEmpty(folder);
  }
}

/** Also what a copy of a read-only folder left. */
async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM')) throw error;
    makeWritable(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

function makeWritable(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) makeWritable(join(folder, entry.name));
  }
}

/**
 * Moves everything in a staged folder to its place in the worktree, below folders that may be there. What is there
 * already stays, and is returned.
 */
export function publish(staged: string, target: string, below = ''): LeftOut[] {
  return readdirSync(staged, { withFileTypes: true }).flatMap((entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    const [source, place] = [join(staged, entry.name), join(target, entry.name)];
    const there = lstatSync(place, { throwIfNoEntry: false });
    if (there === undefined) {
      renameSync(source, place);
      return [];
    }
    if (entry.isDirectory() && there.isDirectory()) return publish(source, place, path);
    return [{ path, reason: there.isSymbolicLink() ? linkInTheWay : thereAlready }];
  });
}

export const thereAlready = 'it is there already';
export const linkInTheWay = 'a symbolic link is there';
