import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

/** Where a worktree is, and where git keeps its own files for it. */
export interface WorktreeFolders {
  /** Absolute path of its top folder. */
  readonly worktree: string;
  /** Absolute path of its git folder: `.git`, or `.git/worktrees/NAME` of a linked worktree. */
  readonly gitFolder: string;
}

/** The branch to which a rebase or a bisect will return. */
export async function interruptedBranch(gitFolder: string): Promise<string | undefined> {
  for (const file of ['rebase-merge/head-name', 'rebase-apply/head-name']) {
    const branch = branchOf(await read(join(gitFolder, file)));
    if (branch !== undefined) return branch;
  }
  const start = await read(join(gitFolder, 'BISECT_START'));
  // A bisect that started on a detached HEAD names a commit.
  return start === undefined || /^[0-9a-f]{40,64}$/.test(start) ? undefined : start;
}

export function branchOf(reference: string | undefined): string | undefined {
  return reference?.startsWith('refs/heads/') ? reference.slice('refs/heads/'.length) : undefined;
}

/**
 * The name of a worktree without a branch. Git's own for a linked one: its folder's name, with a number where another
 * worktree had that name already (`POOL/1/shop` and `POOL/2/shop` are `shop` and `shop1`); it stays when the worktree
 * is moved.
 */
export function detachedName({ worktree, gitFolder }: WorktreeFolders): string {
  const linked = basename(join(gitFolder, '..')) === 'worktrees';
  return basename(linked ? gitFolder : worktree);
}

/**
 * What a worktree is called now, as `identify` says it, from git's files and without a process; undefined where that
 * cannot be told (its folder is gone, or references are kept in tables).
 */
export async function nameOfHead(worktree: string): Promise<string | undefined> {
  const gitFolder = await gitFolderOf(worktree);
  const head = await read(join(gitFolder, 'HEAD'));
  if (head === undefined || head === 'ref: refs/heads/.invalid') return undefined;
  const branch = branchOf(/^ref: (.*)$/.exec(head)?.[1]) ?? (await interruptedBranch(gitFolder));
  return branch ?? detachedName({ worktree, gitFolder });
}

/** The git folder of a worktree from what is at its `.git`: that folder, or a file that names it. */
export async function gitFolderOf(worktree: string): Promise<string> {
  const place = join(worktree, '.git');
  const target = /^gitdir: (.+)$/m.exec((await read(place)) ?? '')?.[1];
  return target === undefined ? place : resolve(worktree, target);
}

async function read(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    return undefined;
  }
}
