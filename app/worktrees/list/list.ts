import { existsSync } from 'node:fs';
import { sep } from 'node:path';
import { defined } from '../../../core/defined.ts';
import { paths } from '../../../core/paths.ts';
import { rememberRepository } from '../../../core/state/known-repositories.ts';
import { commonFolder, localBranches } from '../../../git/base.ts';
import { listWorktrees, nameOf, type Worktree } from '../../../git/worktrees.ts';
import type { Ports } from '../../ports.ts';
import { addEnvironments } from './environment-column.ts';
import { addAgents, addChanges, addDivergence } from './git-columns.ts';
import { readGitFolder } from './git-folder.ts';
import type { ListedWorktree, Listing } from './item.ts';
import { type OnListing, Rows } from './rows.ts';

/**
 * The worktrees of the repository that holds a folder, with what git, the processes of this machine and the cluster tell of
 * them, all at once. Where there is no cluster none is asked, and its client is not loaded. Throws what git throws for the
 * repository as a whole; what fails for one worktree is said in its row.
 */
export async function listRepository(
  folder: string,
  ports: Pick<Ports, 'cwd' | 'interrupts'>,
  onListing: OnListing = () => {},
): Promise<Listing> {
  const [repository, found] = await Promise.all([commonFolder(folder), listWorktrees(folder)]);
  const rows = new Rows(repository, await firstRows(found, ports.cwd), onListing);
  rows.show();
  const mainBranch = found[0]?.branch;
  const branches = localBranches(repository, mainBranch).catch(() => undefined);
  await Promise.all([
    addChanges(rows),
    addDivergence(rows, branches),
    addAgents(rows),
    addEnvironments(rows, ports, { branches, whole: true }),
    rememberRepository(repository),
  ]);
  return rows.listing;
}

/** The same with nothing but the environments of each worktree; nothing is looked at where there is no cluster. */
export async function listEnvironmentsOf(
  folder: string,
  ports: Pick<Ports, 'cwd' | 'interrupts'>,
  onListing: OnListing,
): Promise<void> {
  if (!existsSync(paths().clusterRecord)) return;
  const [repository, found] = await Promise.all([commonFolder(folder), listWorktrees(folder)]);
  const rows = new Rows(repository, await firstRows(found, ports.cwd), onListing);
  const branches = localBranches(repository, found[0]?.branch).catch(() => undefined);
  await addEnvironments(rows, ports, { branches, whole: false });
}

async function firstRows(found: readonly Worktree[], cwd: string): Promise<ListedWorktree[]> {
  const trees = found.filter(({ bare }) => !bare);
  const here = trees
    .filter(({ path }) => cwd === path || cwd.startsWith(path + sep))
    .sort((one, other) => other.path.length - one.path.length)[0];
  const rows = await Promise.all(
    trees.map(async (worktree) => {
      const { movedAt, ...facts } = await readGitFolder(worktree.path);
      const row = { ...rowOf(worktree, worktree === here), lastActivity: movedAt ?? null, ...facts };
      return { row, movedAt: movedAt ?? 0 };
    }),
  );
  const rank = ({ current, main }: ListedWorktree) => (current ? 0 : main ? 1 : 2);
  return rows
    .sort((one, other) => rank(one.row) - rank(other.row) || other.movedAt - one.movedAt)
    .map(({ row }) => row);
}

function rowOf(worktree: Worktree, current: boolean): ListedWorktree {
  const { path, head, main, locked, prunable, branch } = worktree;
  const born = head !== undefined && !/^0+$/.test(head);
  return {
    path,
    name: nameOf(worktree),
    detached: branch === undefined,
    main,
    current,
    ...defined({ head: born ? head : undefined, locked, prunable }),
  };
}
