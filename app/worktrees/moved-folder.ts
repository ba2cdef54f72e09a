import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { namedGitFolder } from '../../git/registration.ts';

/**
 * A folder that is this worktree under another name, moved without git: one in `parents` whose `.git` file names its git
 * folder. Undefined where none is; what was moved further away is not found.
 */
export async function movedFolder(
  gitFolder: string,
  parents: readonly string[],
): Promise<string | undefined> {
  const found = await Promise.all([...new Set(parents)].map((parent) => foldersNaming(gitFolder, parent)));
  return found.flat()[0];
}

async function foldersNaming(gitFolder: string, parent: string): Promise<string[]> {
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(parent, name));
  const named = await Promise.all(folders.map(namedGitFolder));
  return folders.filter((_, at) => named[at] === gitFolder);
}
