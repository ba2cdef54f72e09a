import { dirname, resolve } from 'node:path';
import { CoppiceError } from '../../core/errors.ts';
import { isThere } from '../../core/files.ts';
import { commonFolder } from '../../git/base.ts';
import { namedGitFolder, registrations } from '../../git/registration.ts';
import { listWorktrees, type Worktree } from '../../git/worktrees.ts';

/** A repository and its worktrees, as git lists them now. */
export interface Repository {
  /** Absolute path of its common folder: also where git runs, as a worktree may be gone. */
  readonly common: string;
  /** The main worktree first. */
  readonly worktrees: readonly Worktree[];
  /** Absolute path of the main worktree; of the folder around a bare repository. */
  readonly home: string;
}

/**
 * The repository of a folder, which may have been a worktree that lies in the trash now. A worktree that was moved by
 * hand has the path at which it is. Throws what git throws.
 */
export async function repositoryAt(cwd: string): Promise<Repository> {
  const folder = commonAround(cwd) ?? cwd;
  const [common, worktrees] = await Promise.all([commonFolder(folder), listWorktrees(folder)]);
  const moved = await Promise.all(worktrees.map((worktree) => atItsPlace(worktree, common, cwd)));
  const main = worktrees[0];
  const home = main === undefined ? common : main.bare ? dirname(main.path) : main.path;
  return { common, worktrees: moved, home };
}

/** Absolute path of the common folder of {@link repositoryAt}. No process. Throws what git throws. */
export function commonFolderAt(cwd: string): Promise<string> {
  return commonFolder(commonAround(cwd) ?? cwd);
}

/** The common folder of a repository around a path in its trash. */
function commonAround(path: string): string | undefined {
  return /^(.*)\/coppice\/trash\/[^/]+\/tree(\/|$)/.exec(path)?.[1];
}

/** Git itself notices a move by hand only days later. */
async function atItsPlace(worktree: Worktree, common: string, cwd: string): Promise<Worktree> {
  if (worktree.prunable === undefined) return worktree;
  const id = (await registrations(common)).find(({ path }) => path === worktree.path)?.gitFolder;
  for (let folder = cwd; id !== undefined; folder = dirname(folder)) {
    if ((await namedGitFolder(folder)) === id) return present(worktree, folder);
    if (folder === dirname(folder)) break;
  }
  return worktree;
}

function present({ prunable: _, ...worktree }: Worktree, path: string): Worktree {
  return { ...worktree, path };
}

/** The worktree that a path which git does not list leads to by its `.git` file: it was moved by hand. */
export async function movedTo(
  { common, worktrees }: Repository,
  text: string,
  cwd: string,
): Promise<Worktree | undefined> {
  const path = resolve(cwd, text);
  const gitFolder = await namedGitFolder(path);
  const known = (await registrations(common)).find((one) => one.gitFolder === gitFolder);
  const listed = worktrees.find((one) => one.path === known?.path);
  if (listed === undefined || (await isThere(listed.path))) return undefined;
  return present(listed, path);
}

/** Throws COPPICE_MAIN_WORKTREE: what everything else hangs on is never deleted. */
export function requireLinked(worktree: Worktree): void {
  if (!worktree.main && !worktree.bare) return;
  throw new CoppiceError('COPPICE_MAIN_WORKTREE', `${worktree.path} is the repository itself`, {
    hint: 'go to the worktree that you mean, or name it: `wt delete BRANCH`',
  });
}
