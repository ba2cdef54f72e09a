import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { isThere } from '../core/files.ts';
import { git, gitWith } from './command.ts';
import { gitFolderOf } from './head.ts';
import { tipsLeftBehind } from './left-behind.ts';
import { type LooseCommits, looseCommits, stashEntries } from './unpushed.ts';

/** Commits in the repository of a submodule that goes away with its worktree. */
export interface SubmoduleCommits extends LooseCommits {
  /** Git's name for it, usually its path: `lib`, and `lib/inner` for one inside it. */
  readonly name: string;
}

/** Where a worktree is, its own git folder, and that of its repository: absolute paths. */
export interface LinkedFolders {
  readonly worktree: string;
  readonly gitFolder: string;
  readonly commonFolder: string;
}

/** A repository that is deleted with the worktree. */
interface ModuleRepository {
  readonly name: string;
  /** Absolute path of its git folder. */
  readonly folder: string;
  /** Path of the same submodule of the main worktree, below the `modules` of the repository. */
  readonly path: string;
}

/**
 * Commits that exist only in the submodules of a linked worktree: git keeps the repository of each inside the worktree's
 * own git folder, and `git worktree remove --force` deletes it. A commit that the submodule's remote has, or that the
 * same submodule of the main worktree has, is not lost. Entries of its stash count, and what a detached HEAD left.
 */
export async function submoduleCommits(folders: LinkedFolders): Promise<SubmoduleCommits[]> {
  const modules = await moduleRepositories(folders);
  const found = await Promise.all(modules.map((module) => commitsOnlyThere(module, folders.commonFolder)));
  return found.filter(({ count }) => count > 0);
}

async function moduleRepositories({ worktree, gitFolder }: LinkedFolders): Promise<ModuleRepository[]> {
  const kept = await repositoriesIn(join(gitFolder, 'modules'), { name: '', path: '' });
  return [...kept, ...(await embeddedIn(worktree, { name: '', path: '' }))];
}

type ModulePlace = Pick<ModuleRepository, 'name' | 'path'>;

/** A name may have slashes, and the repository of a nested submodule is in `modules` of the outer one. */
async function repositoriesIn(folder: string, place: ModulePlace): Promise<ModuleRepository[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  if (entries.some((entry) => entry.name === 'HEAD') && entries.some((entry) => entry.name === 'objects')) {
    const inner = { name: place.name, path: join(place.path, 'modules') };
    return [{ ...place, folder }, ...(await repositoriesIn(join(folder, 'modules'), inner))];
  }
  const folders = entries.filter((entry) => entry.isDirectory());
  const found = folders.map(({ name }) =>
    repositoriesIn(join(folder, name), { name: join(place.name, name), path: join(place.path, name) }),
  );
  return (await Promise.all(found)).flat();
}

/** Submodules whose repository is in the working tree itself, as `git submodule add` of an existing clone leaves it. */
async function embeddedIn(worktree: string, place: ModulePlace): Promise<ModuleRepository[]> {
  const paths = await submodulePaths(worktree);
  const found = await Promise.all(
    paths.map(async (path) => {
      const top = join(worktree, path);
      const folder = await gitFolderOf(top);
      const own = { name: join(place.name, path), path: join(place.path, path) };
      const embedded = !relative(top, folder).startsWith('..') && (await isThere(folder));
      const inner = await embeddedIn(top, { ...own, path: join(own.path, 'modules') });
      return [...(embedded ? [{ ...own, folder }] : []), ...inner];
    }),
  );
  return found.flat();
}

/** The paths in `.gitmodules`, relative to the top; without that file no process. */
export async function submodulePaths(worktree: string): Promise<string[]> {
  const file = join(worktree, '.gitmodules');
  if (!(await isThere(file))) return [];
  const { stdout } = await git(
    worktree,
    'config',
    '--file',
    file,
    '-z',
    '--get-regexp',
    '^submodule\\..*\\.path$',
  );
  return stdout.split('\0').flatMap((entry) => entry.split('\n').slice(1, 2));
}

async function commitsOnlyThere(
  { name, folder, path }: ModuleRepository,
  commonFolder: string,
): Promise<SubmoduleCommits> {
  const own = await git(
    folder,
    ...alone(folder),
    'log',
    '--no-show-signature',
    '--ignore-missing',
    '--format=%H%x00%s',
    ...(await tipsLeftBehind(folder)),
    ...(await stashEntries(folder)),
    'HEAD',
    '--branches',
    '--glob=refs/stash',
    '--not',
    '--remotes',
    '--tags',
  );
  // Nothing is checked out there yet.
  if (own.code !== 0) return { name, count: 0, youngest: [] };
  const lines = own.stdout.split('\n').filter((line) => line !== '');
  const shas = lines.map((line) => line.split('\0')[0] ?? '');
  const elsewhere = await reachableIn(join(commonFolder, 'modules', path), shas);
  const left = lines.filter((_, at) => !elsewhere.has(shas[at] ?? ''));
  return { name, ...looseCommits(left.join('\n')) };
}

/** Git's options for a repository whose working tree may be gone: it would refuse to enter that. */
function alone(folder: string): string[] {
  return [`--git-dir=${folder}`, `--work-tree=${folder}`];
}

/** Which of the commits the references of another repository contain. */
async function reachableIn(folder: string, shas: readonly string[]): Promise<ReadonlySet<string>> {
  if (shas.length === 0 || !(await isThere(join(folder, 'HEAD')))) return new Set();
  const input = `${shas.join('\n')}\n`;
  const check = await gitWith(folder, { input }, ...alone(folder), 'cat-file', '--batch-check');
  const there = check.stdout
    .split('\n')
    .flatMap((line) => (/ commit /.test(line) ? [line.split(' ')[0] ?? ''] : []));
  if (there.length === 0) return new Set();
  const loose = await gitWith(
    folder,
    { input: `${there.join('\n')}\n` },
    ...alone(folder),
    'rev-list',
    '--stdin',
    '--not',
    '--all',
    'HEAD',
  );
  const lost = new Set(loose.stdout.split('\n'));
  return loose.code === 0 ? new Set(there.filter((sha) => !lost.has(sha))) : new Set();
}
