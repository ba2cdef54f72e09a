import { readFile, realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/**
 * Paths relative to a folder that match globs, sorted. Files of another worktree or repository that lies inside are none
 * of the folder's; those of a submodule are. Loads the library only if there is a glob.
 */
export async function filesMatching(folder: string, patterns: readonly string[]): Promise<string[]> {
  if (patterns.length === 0) return [];
  const { glob } = await import('tinyglobby');
  const ignore = ['**/node_modules/**', '**/.git/**', '**/.git'];
  const found = await glob([...patterns], { cwd: folder, ignore, dot: true, expandDirectories: false });
  const foreign = foreignFolders(folder);
  const own = await Promise.all(found.map(async (file) => !(await foreign(dirname(file)))));
  return found.filter((_, index) => own[index]).sort();
}

/** Whether a folder, relative to `top`, belongs to another worktree or repository inside of it. Looks at each once. */
function foreignFolders(top: string): (path: string) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>();
  const isForeign = (path: string): Promise<boolean> => {
    if (path === '.') return Promise.resolve(false);
    const answer =
      known.get(path) ??
      isForeign(dirname(path)).then(
        async (inside) => inside || (await isOtherCheckout(join(top, path))) || (await leadsToForeign(path)),
      );
    known.set(path, answer);
    return answer;
  };
  /** A symbolic link may lead into another worktree below the same top. */
  const leadsToForeign = async (path: string): Promise<boolean> => {
    const target = await realpath(join(top, path)).catch(() => join(top, path));
    const below = relative(await realpath(top), target);
    if (below === path || below === '' || below.startsWith('..')) return false;
    return isForeign(below);
  };
  return isForeign;
}

/** A worktree's `.git` is a file that names `.git/worktrees/NAME`, a submodule's names `.git/modules/NAME`. */
async function isOtherCheckout(folder: string): Promise<boolean> {
  try {
    const text = await readFile(join(folder, '.git'), 'utf8');
    return !/^gitdir: .*[\\/]modules[\\/](?!.*[\\/]worktrees[\\/])/.test(text);
  } catch (error) {
    // A folder is a repository of its own.
    return (error as NodeJS.ErrnoException).code === 'EISDIR';
  }
}
