import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { git, gitError } from './command.ts';
import { gitFolderOf } from './head.ts';
import { tipsLeftBehind } from './left-behind.ts';
import type { Listing } from './listing.ts';
import { namedGitFolder } from './registration.ts';
import { uncommittedIn } from './uncommitted.ts';
import { type LooseCommits, looseCommits, stashEntries } from './unpushed.ts';

/** A repository of its own inside a worktree's folder, with work that is nowhere else. */
export interface NestedRepository {
  /** From the worktree's top. */
  readonly path: string;
  /** Paths with changes that no commit has. */
  readonly changed: number;
  /** Commits that none of its remotes has; none where its repository is outside of the folder. */
  readonly commits: LooseCommits;
  /** Why git cannot tell what is in it. */
  readonly problem?: string;
}

/**
 * The repositories in what a worktree does not track, ignored or not, that have changes or commits of their own. The
 * worktrees of `common` itself are not among them. Installed packages are not searched.
 */
export async function nestedRepositories(
  worktree: string,
  common: string,
  { untracked }: Pick<Listing, 'untracked'>,
): Promise<NestedRepository[]> {
  const places = await repositoriesBelow(worktree, untracked);
  const found = await Promise.all(places.map((path) => workIn(worktree, path, common)));
  return found.flatMap((one) => one ?? []);
}

/** They have thousands of folders, and what a package manager clones there it can clone again. */
const installed = new Set(['node_modules', '.venv', '.git']);

/** So many folders are looked into, the outer ones first. */
const mostFolders = 4000;

async function repositoriesBelow(top: string, folders: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  let left = mostFolders;
  for (let level = [...folders]; level.length > 0 && left > 0; ) {
    const looked = level.slice(0, left);
    left -= looked.length;
    const next = await Promise.all(
      looked.map(async (path) => {
        if (installed.has(path.slice(path.lastIndexOf('/') + 1))) return [];
        const entries = await readdir(join(top, path), { withFileTypes: true }).catch(() => []);
        if (entries.some(({ name }) => name === '.git')) found.push(path);
        return entries.flatMap((entry) => (entry.isDirectory() ? [`${path}/${entry.name}`] : []));
      }),
    );
    level = next.flat();
  }
  return found.sort();
}

async function workIn(worktree: string, path: string, common: string): Promise<NestedRepository | undefined> {
  const folder = join(worktree, path);
  const linked = await namedGitFolder(folder);
  if (linked?.startsWith(join(common, 'worktrees') + sep)) return undefined;
  const isElsewhere = linked !== undefined && !linked.startsWith(worktree + sep);
  try {
    const [{ files }, commits] = await Promise.all([
      uncommittedIn(folder),
      isElsewhere ? looseCommits('') : commitsOfItsOwn(folder),
    ]);
    return files.length === 0 && commits.count === 0 ? undefined : { path, changed: files.length, commits };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { path, changed: 0, commits: looseCommits(''), problem };
  }
}

/** Of its branches, tags, stash and HEAD, and where a detached HEAD was. */
async function commitsOfItsOwn(folder: string): Promise<LooseCommits> {
  const gitFolder = await gitFolderOf(folder);
  const tips = [...(await tipsLeftBehind(gitFolder)), ...(await stashEntries(gitFolder))];
  const format = ['--no-show-signature', '--ignore-missing', '--format=%H%x00%s'];
  const result = await git(folder, 'log', ...format, ...tips, '--all', '--not', '--remotes');
  if (result.code !== 0) throw gitError(folder, result);
  return looseCommits(result.stdout);
}
