import { mkdir, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CoppiceError } from '../../../core/errors.ts';
import { unlessAbsent } from '../../../core/files.ts';
import { git, gitError, gitWith } from '../../../git/command.ts';
import { gitFolderOf } from '../../../git/worktree-file.ts';
import type { Worktree } from '../../../git/worktrees.ts';
import type { Look } from './look.ts';
import type { Mark } from './mark.ts';

/** Git locks a worktree with this reason until all of its files are there. */
export function unfinished({ locked }: Pick<Worktree, 'locked'>): boolean {
  return locked === 'initializing';
}

/**
 * Completes what git had not finished when it was killed, in the folder where it is: nothing is deleted, as a user may
 * have worked there already.
 */
export async function finishCheckout({ path, head }: Worktree, signal: AbortSignal): Promise<void> {
  const gitFolder = await gitFolderOf(path);
  if (gitFolder !== undefined) await rm(join(gitFolder, 'index.lock'), { force: true });
  const reset = await gitWith(path, { signal }, '-c', 'checkout.workers=0', 'reset', '--hard', '--quiet');
  if (reset.code !== 0) throw gitError(path, reset);
  await git(path, 'worktree', 'unlock', path);
  const commit = head ?? 'HEAD';
  await gitWith(
    path,
    { signal },
    ...['hook', 'run', '--ignore-missing', 'post-checkout', '--', '0'.repeat(commit.length), commit, '1'],
  );
}

/**
 * Removes what a killed git left before it had written which branch the folder is for; a folder with anything else in it
 * is moved aside. Returns where to, or undefined.
 */
export async function clearRemains({ worktree }: Mark): Promise<string | undefined> {
  const names = await unlessAbsent(readdir(worktree), ['ENOENT', 'ENOTDIR']);
  if (names === undefined || names.length === 0) return undefined;
  await forgetRegistration(worktree);
  const left = await readdir(worktree);
  if (left.length === 0) {
    await rmdir(worktree);
    return undefined;
  }
  // Another repository, or another worktree: nothing of the run that was killed.
  if (left.includes('.git')) return undefined;
  const aside = join(dirname(worktree), `${basename(worktree)}.interrupted-${Date.now()}`);
  await rename(worktree, aside);
  return aside;
}

/** Only of one that git had not finished. */
async function forgetRegistration(worktree: string): Promise<void> {
  const gitFolder = await gitFolderOf(worktree);
  if (gitFolder === undefined || basename(dirname(gitFolder)) !== 'worktrees') return;
  const reason = await unlessAbsent(readFile(join(gitFolder, 'locked'), 'utf8'));
  if (reason?.trim() !== 'initializing') return;
  await rm(gitFolder, { recursive: true, force: true });
  await rm(join(worktree, '.git'), { force: true });
}

/**
 * Makes git forget a worktree whose folder is gone, so that its branch can be checked out again. What git kept for it (its
 * index, the repositories of its submodules) is set aside, as the folder may only have been moved by hand. Returns where
 * to, or undefined. Throws COPPICE_WORKTREE_LOCKED: a locked one may be on a disk that is not there now.
 */
export async function forgetGone(
  look: Look,
  { path, locked, branch }: Worktree,
): Promise<string | undefined> {
  if (locked !== undefined) {
    const why = locked === '' ? '' : ` (${locked})`;
    throw new CoppiceError(
      'COPPICE_WORKTREE_LOCKED',
      `${branch} is checked out at ${path}, whose folder is gone, and it is locked${why}`,
      { hint: `bring the folder back, or: git worktree unlock ${path}` },
    );
  }
  const gitFolder = await registrationOf(look, path);
  if (gitFolder === undefined) return undefined;
  const aside = join(look.repository, 'coppice', 'gone', `${basename(gitFolder)}-${Date.now()}`);
  await mkdir(dirname(aside), { recursive: true });
  await rename(gitFolder, aside);
  return aside;
}

/** Git's own folder for a worktree whose folder does not say. */
async function registrationOf({ repository }: Look, path: string): Promise<string | undefined> {
  const folder = join(repository, 'worktrees');
  for (const name of (await unlessAbsent(readdir(folder))) ?? []) {
    const place = await unlessAbsent(readFile(join(folder, name, 'gitdir'), 'utf8'), ['ENOENT', 'ENOTDIR']);
    if (place !== undefined && dirname(place.trim()) === path) return join(folder, name);
  }
  return undefined;
}
