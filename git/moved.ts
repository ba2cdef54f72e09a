import { lstat, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from '../../core/errors.ts';
import { folderMark, isThere } from '../../core/files.ts';
import type { Identity } from '../../core/identity.ts';
import { isSameRepository, markOf, recordMove } from '../../core/state/moved-repositories.ts';
import { hasCommit } from '../../git/commits.ts';

/** Who owns an environment, as far as a move of its repository can be seen from it. */
export interface FormerOwner {
  readonly repository: string;
  /** HEAD at its last `up`. */
  readonly commit?: string;
}

/**
 * Takes over what a repository owned before its folder was moved or renamed: the recorded path is gone, and this is the
 * same folder, or a clone that has the recorded commit. Returns whether the owner is this repository by another path.
 */
export async function takeOverMoved(owner: FormerOwner, { repository }: Identity): Promise<boolean> {
  if (owner.repository === repository) return false;
  if (isSameRepository(owner.repository, repository)) return true;
  if (owner.repository === '' || !(await isGone(owner.repository))) return false;
  const before = await markOf(owner.repository);
  const sameFolder = before !== undefined && before === (await folderMark(repository));
  if (!sameFolder && !((await isMounted(owner.repository, before)) && (await hasHistory(owner, repository))))
    return false;
  await recordMove(owner.repository, repository);
  return true;
}

/** Another error than that it is not there (no permission, a broken mount) says nothing. */
async function isGone(path: string): Promise<boolean> {
  return lstat(path).then(
    () => false,
    (error: unknown) => hasCode(error, 'ENOENT', 'ENOTDIR'),
  );
}

/**
 * Whether the file system that had the path is there, so that the path is gone from it. The nearest folder that exists
 * must be on the recorded device; without a record it must contain something, as an empty one may be where a disk is
 * mounted at other times.
 */
async function isMounted(path: string, mark: string | undefined): Promise<boolean> {
  const above = await nearestFolder(dirname(path));
  const deviceOf = (text: string | undefined) => text?.split(':')[0];
  if (mark !== undefined) return deviceOf(await folderMark(above)) === deviceOf(mark);
  return (await readdir(above).catch(() => [])).length > 0;
}

async function nearestFolder(path: string): Promise<string> {
  return path === dirname(path) || (await isThere(path)) ? path : nearestFolder(dirname(path));
}

async function hasHistory({ commit }: FormerOwner, repository: string): Promise<boolean> {
  return commit !== undefined && /^[0-9a-f]{40,64}$/.test(commit) && hasCommit(repository, commit);
}
