import { chmod, lstat, mkdir, readFile, rename, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CoppiceError, hasCode, messageOf } from '../../../core/errors.ts';
import { isThere, unlessAbsent } from '../../../core/files.ts';
import { namedGitFolder } from '../../../git/registration.ts';
import { type DeletedWorktree, entryFolder, keptGitFolder } from '../trash/record.ts';

/**
 * Where a folder is moved to: into the repository's own folder, or beside itself where that is another file system, as
 * only a move within one is instant.
 */
export async function treePlace(common: string, id: string, folder: string): Promise<string> {
  const [here, there] = await Promise.all([stat(folder), stat(common)]);
  return here.dev === there.dev ? join(entryFolder(common, id), 'tree') : besidePlace(folder, id);
}

/** For a mount of the same disk too, which cannot be left by a move. */
function besidePlace(folder: string, id: string): string {
  return join(dirname(folder), `.coppice-trash-${id}`, 'tree');
}

/** Moves a worktree's folder; nothing happens when that was done already. Throws COPPICE_DELETE. */
export async function moveTree({ path, tree, registration }: DeletedWorktree, common: string): Promise<void> {
  if (path === undefined || tree === undefined || (await isPresent(tree))) return;
  const gitFolder = registration === undefined ? undefined : join(common, 'worktrees', registration);
  // Another worktree or clone may have been put there since.
  if ((await namedGitFolder(path)) !== gitFolder || gitFolder === undefined) return;
  await mkdir(dirname(tree), { recursive: true, mode: 0o700 });
  await renameWritable(path, tree);
}

/** A folder that nobody may write to can be renamed, and not moved to another folder. */
async function renameWritable(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM')) throw moveError(from, error);
    const { mode } = await stat(from);
    await chmod(from, mode | 0o700).catch(() => undefined);
    await rename(from, to).catch(async (again: unknown) => {
      await chmod(from, mode).catch(() => undefined);
      throw moveError(from, again);
    });
    await chmod(to, mode);
  }
}

function moveError(path: string, error: unknown): CoppiceError {
  const mounted = hasCode(error, 'EBUSY', 'EXDEV');
  return new CoppiceError('COPPICE_DELETE', `${path} cannot be moved aside: ${messageOf(error)}`, {
    hint: mounted
      ? `something is mounted there (findmnt -R '${path}'): unmount it, then run this again`
      : `make it possible to rename it (ls -ld '${path}' '${dirname(path)}'), then run this again`,
    cause: error,
  });
}

/**
 * Moves git's own folder of exactly this worktree, and takes the `.git` file out of the moved tree: a program that still
 * runs there must not write into the next worktree of that name.
 */
export async function moveRegistration(record: DeletedWorktree, common: string): Promise<void> {
  const { registration, tree, path, id } = record;
  if (registration === undefined || path === undefined) return;
  const from = join(common, 'worktrees', registration);
  const kept = keptGitFolder(common, id);
  await mkdir(dirname(kept), { recursive: true, mode: 0o700 });
  if (!(await isPresent(kept)) && (await names(from, path))) {
    await unlessAbsent(rename(from, kept));
    await rmdir(dirname(from)).catch(() => undefined);
  }
  if (tree !== undefined) await unlessAbsent(rename(join(tree, '.git'), gitFilePlace(common, id)));
}

export function gitFilePlace(common: string, id: string): string {
  return join(entryFolder(common, id), 'git-file');
}

async function names(gitFolder: string, path: string): Promise<boolean> {
  const text = await unlessAbsent(readFile(join(gitFolder, 'gitdir'), 'utf8'), ['ENOENT', 'ENOTDIR']);
  if (text === undefined) return false;
  // The file has the path of an earlier place after a move by hand.
  const { registrations } = await import('../../../git/registration.ts');
  const known = (await registrations(dirname(dirname(gitFolder)))).find((one) => one.gitFolder === gitFolder);
  return known?.path === path || !(await isThere(known?.path ?? ''));
}

/** A link that leads nowhere is present too. */
export async function isPresent(path: string): Promise<boolean> {
  return (await unlessAbsent(lstat(path), ['ENOENT', 'ENOTDIR'])) !== undefined;
}
