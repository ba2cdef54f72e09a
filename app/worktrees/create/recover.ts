import { mkdir, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CoppiceError } from '../../../core/errors.ts';
import { unlessAbsent } from '../../../core/files.ts';
import { until } from '../../../core/until.ts';
import { registrations } from '../../../git/registration.ts';
import { gitFolderOf } from '../../../git/worktree-file.ts';
import type { Worktree } from '../../../git/worktrees.ts';
import type { Ports } from '../../ports.ts';
import { withTask } from '../../screen.ts';
import type { Look } from './look.ts';
import type { Mark } from './mark.ts';

/** Git locks a worktree with this reason until all of its files are there. */
export function unfinished({ locked }: Pick<Worktree, 'locked'>): boolean {
  return locked === 'initializing';
}

/** Whether git had not even written yet what the folder is for; afterwards it may have a user's work in it. */
export function isEmptyHead({ head = '' }: Pick<Worktree, 'head'>): boolean {
  return /^0*$/.test(head);
}

/**
 * Git goes on when the `wt` that started it is killed alone, and takes its folder back if it fails then: waits until it
 * has ended. Returns whether there was one.
 */
export async function awaitGit({ worktree }: Mark, look: Look, { screen }: Ports, signal: AbortSignal) {
  const { processesIn } = await import('../../activity/processes.ts');
  const folders = [look.repository, ...look.worktrees.map(({ path }) => path)];
  const isAtWork = async () => {
    const found = [...(await processesIn(folders)).values()].flat();
    return found.some(({ command }) => isMaking(command, worktree));
  };
  if (!(await isAtWork())) return false;
  const ended = () => until(async () => !(await isAtWork()), { every: 200, signal });
  await withTask(screen, `waiting for the git of an interrupted run, which makes ${worktree}`, ended);
  return true;
}

function isMaking(command: string, worktree: string): boolean {
  return command.includes(' worktree add ') && `${command} `.includes(` ${worktree} `);
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
  const known = await registrations(look.repository);
  // Its folder does not say any more.
  const gitFolder = known.find((registration) => registration.path === path)?.gitFolder;
  if (gitFolder === undefined) return undefined;
  const aside = join(look.repository, 'coppice', 'gone', `${basename(gitFolder)}-${Date.now()}`);
  await mkdir(dirname(aside), { recursive: true });
  await rename(gitFolder, aside);
  return aside;
}
