import { chown, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { unlessAbsent, writeAtomic } from '../core/files.ts';

/**
 * Absolute path of the folder that git keeps for one worktree: `.git`, or `.git/worktrees/<name>` of the repository. It
 * goes with its worktree, so it is the place for what is true of this worktree alone. Undefined where there is none.
 */
export async function gitFolderOf(worktree: string): Promise<string | undefined> {
  const path = join(worktree, '.git');
  const found = await unlessAbsent(stat(path));
  if (found === undefined || found.isDirectory()) return found && path;
  // https://git-scm.com/docs/gitrepository-layout: a text file with one line.
  const folder = /^gitdir: (.*)$/m.exec(await readFile(path, 'utf8'))?.[1];
  return folder === undefined ? undefined : resolve(worktree, folder);
}

/** Writes a file of ours there. With sudo it belongs to the worktree's user, who could not remove it otherwise. */
export async function writeWorktreeFile(
  file: string,
  text: string,
  owner: { readonly uid: number; readonly gid: number },
): Promise<void> {
  const created = await mkdir(dirname(file), { recursive: true });
  if (created !== undefined && process.geteuid?.() === 0) await chown(created, owner.uid, owner.gid);
  await writeAtomic(file, text, 0o644, process.geteuid?.() === 0 ? owner : undefined);
}
