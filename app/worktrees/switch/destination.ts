import { CoppiceError } from '../../../core/errors.ts';
import { isThere } from '../../../core/files.ts';
import { nearest } from '../../../core/suggest.ts';
import { listBranches } from '../../../git/branches.ts';
import { listWorktrees, nameOf, type Worktree, worktreeOrBranch } from '../../../git/worktrees.ts';
import { previousWorktree } from '../previous.ts';

/** Where a search begins: the folder of the command, and git's common directory. */
export interface SearchFrom {
  readonly cwd: string;
  readonly repository: string;
  /** Top folder of the worktree that the folder is in; absent in a bare repository. */
  readonly current?: string;
}

/**
 * The worktree that is meant by a branch, a slug, a path, `-` (the one before) or `^` (the main one). Throws
 * COPPICE_NO_WORKTREE, COPPICE_AMBIGUOUS, and what git throws.
 */
export async function destinationOf(wanted: string, from: SearchFrom): Promise<Worktree> {
  const worktrees = await listWorktrees(from.cwd);
  const found = await named(wanted, worktrees, from);
  if (found === undefined) throw await noWorktreeError(wanted, worktrees, from);
  if (!(await isThere(found.path))) throw goneError(found);
  return found;
}

async function named(
  wanted: string,
  worktrees: readonly Worktree[],
  from: SearchFrom,
): Promise<Worktree | undefined> {
  if (wanted === '-') return previous(worktrees, from);
  if (wanted === '^') return mainOf(worktrees);
  const folder = from.repository;
  return (await worktreeOrBranch(worktrees, wanted, { cwd: from.cwd, folder })).worktree;
}

/** By its branch where its folder was moved, and by its folder where its branch is another one now. */
async function previous(
  worktrees: readonly Worktree[],
  { repository, current }: SearchFrom,
): Promise<Worktree> {
  const last = await previousWorktree(repository, current);
  if (last === undefined)
    throw new CoppiceError('COPPICE_NO_WORKTREE', 'there is no worktree before this one yet', {
      hint: 'wt switch BRANCH',
    });
  const found =
    worktrees.find(({ path }) => path === last.path) ??
    worktrees.find(({ branch }) => branch !== undefined && branch === last.branch);
  if (found !== undefined) return found;
  throw new CoppiceError(
    'COPPICE_NO_WORKTREE',
    `the worktree before this one, ${last.path}, no longer exists`,
    { hint: last.branch === undefined ? 'wt switch BRANCH' : `wt create ${last.branch}` },
  );
}

/** A bare repository has no worktree of its own; its first stands for it. */
function mainOf(worktrees: readonly Worktree[]): Worktree | undefined {
  return worktrees.find(({ bare }) => !bare);
}

async function noWorktreeError(
  wanted: string,
  worktrees: readonly Worktree[],
  { cwd }: SearchFrom,
): Promise<CoppiceError> {
  const branches = (await listBranches(cwd)).map(({ name }) => name);
  if (branches.includes(wanted))
    return new CoppiceError('COPPICE_NO_WORKTREE', `the branch ${wanted} has no worktree`, {
      hint: `wt create ${wanted}`,
    });
  const names = worktrees.filter(({ bare }) => !bare).map(nameOf);
  const near = nearest(wanted, [...new Set([...names, ...branches])]);
  return new CoppiceError('COPPICE_NO_WORKTREE', `there is no worktree or branch ${wanted}`, {
    hint:
      near === undefined
        ? `\`wt create ${wanted}\` creates both`
        : `did you mean ${near}? \`wt create ${wanted}\` creates a new one`,
  });
}

function goneError(worktree: Worktree): CoppiceError {
  return new CoppiceError(
    'COPPICE_NO_FOLDER',
    `the folder of the worktree of ${nameOf(worktree)} is gone: ${worktree.path}`,
    {
      hint: `\`git worktree repair PATH\` if it was moved, \`wt delete ${nameOf(worktree)}\` if it was deleted`,
    },
  );
}
