import { basename, resolve } from 'node:path';
import { defined } from '../core/defined.ts';
import { CoppiceError } from '../core/errors.ts';
import { isOneFolder } from '../core/files.ts';
import { slugOf } from '../core/names.ts';
import { isWithin } from '../core/within.ts';
import { git, gitError } from './command.ts';
import { detachedName, gitFolderOf, interruptedBranch } from './head.ts';

export interface Worktree {
  /** Absolute path of its top folder. */
  readonly path: string;
  /** The first in git's list: the repository's own, or the bare repository. */
  readonly main: boolean;
  readonly bare: boolean;
  /** The one that it is on, or that a rebase or bisect will return to; absent when HEAD is detached. */
  readonly branch?: string;
  /** Its HEAD is detached by a rebase or bisect for now, and may be at another commit than its branch. */
  readonly interrupted?: true;
  /** What it is called without a branch; absent with one. */
  readonly detachedName?: string;
  /** Full sha; absent in a bare repository and all zeros before the first commit. */
  readonly head?: string;
  /** Why it is locked; empty when no reason was given. */
  readonly locked?: string;
  /** Why `git worktree prune` would remove it: usually its folder is gone. */
  readonly prunable?: string;
}

/** All worktrees of the repository that a folder belongs to. Throws what `identify` throws. */
export async function listWorktrees(folder: string): Promise<Worktree[]> {
  const result = await git(folder, 'worktree', 'list', '--porcelain', '-z');
  if (result.code !== 0) throw gitError(folder, result);
  return Promise.all(parseWorktrees(result.stdout).map(named));
}

/** Git lists a rebase or bisect as detached, and does not say its own name of a worktree. */
async function named(worktree: Worktree): Promise<Worktree> {
  if (worktree.bare || worktree.branch !== undefined) return worktree;
  const folders = { worktree: worktree.path, gitFolder: await gitFolderOf(worktree.path) };
  const branch = await interruptedBranch(folders.gitFolder);
  return branch === undefined
    ? { ...worktree, detachedName: detachedName(folders) }
    : { ...worktree, branch, interrupted: true };
}

/**
 * Parses `git worktree list --porcelain -z`: attributes end with a NUL, worktrees with another.
 *
 * @internal Exported for its test, which passes in what programs print.
 */
export function parseWorktrees(porcelain: string): Worktree[] {
  return porcelain
    .split('\0\0')
    .filter((record) => record !== '')
    .map((record, index) => parseWorktree(record, index === 0));
}

function parseWorktree(record: string, main: boolean): Worktree {
  const attributes = new Map(
    record.split('\0').map((line) => {
      const space = line.indexOf(' ');
      return space < 0 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)];
    }),
  );
  const branch = attributes.get('branch')?.replace(/^refs\/heads\//, '');
  const head = attributes.get('HEAD');
  const locked = attributes.get('locked');
  const prunable = attributes.get('prunable');
  return {
    path: attributes.get('worktree') ?? '',
    main,
    bare: attributes.has('bare'),
    ...defined({ branch, head, locked, prunable }),
  };
}

/** The name that a worktree's environment is derived from: its branch, or its own when HEAD is detached. */
export function nameOf({ branch, detachedName, path }: Worktree): string {
  return branch ?? detachedName ?? basename(path);
}

/**
 * The worktree that a person means by a branch, its own name when HEAD is detached, a slug or a path, in this order. A
 * path is that of its top folder, or `.`. Undefined when there is none; throws COPPICE_AMBIGUOUS when several branches
 * have the same slug.
 *
 * @internal Exported for its test; verbs also heed branches without a worktree.
 */
export function findWorktree(
  worktrees: readonly Worktree[],
  wanted: string,
  cwd: string,
): Worktree | undefined {
  const candidates = worktrees.filter((worktree) => !worktree.bare);
  const own = calledExactly(candidates, wanted);
  if (own) return own;
  const bySlug = candidates.filter((worktree) => slugOf(nameOf(worktree)) === wanted);
  if (bySlug.length > 1) {
    const names = bySlug.map((worktree) => `${nameOf(worktree)} (${worktree.path})`).join(' and ');
    throw new CoppiceError('COPPICE_AMBIGUOUS', `${wanted} is the short name of ${names}`, {
      hint: 'pass the branch or the path instead',
    });
  }
  if (bySlug[0]) return bySlug[0];
  const path = resolve(cwd, wanted);
  const top = candidates.find((worktree) => isOneFolder(worktree.path, path));
  // A path below the top counts only for the current folder (`.`, `..`): in `wt delete TYPO`, TYPO is below this
  // worktree too.
  if (top || !isWithin(cwd, path)) return top;
  // A worktree may lie inside another: the innermost is meant.
  return candidates
    .filter((worktree) => isWithin(path, worktree.path))
    .sort((a, b) => b.path.length - a.path.length)[0];
}

function calledExactly(worktrees: readonly Worktree[], wanted: string): Worktree | undefined {
  return (
    worktrees.find(({ branch, bare }) => !bare && branch === wanted) ??
    worktrees.find(({ detachedName: own, bare }) => !bare && own === wanted)
  );
}

/** What a name means: a worktree, a branch that none is on, or neither. */
export interface Meant {
  readonly worktree?: Worktree;
  readonly branch?: string;
}

/**
 * As {@link findWorktree}, but a branch of exactly this name comes before another's slug and before the folder of another
 * that is called so. `folder` is any of the repository's.
 */
export async function worktreeOrBranch(
  worktrees: readonly Worktree[],
  wanted: string,
  { cwd, folder }: { readonly cwd: string; readonly folder: string },
): Promise<Meant> {
  if (calledExactly(worktrees, wanted) === undefined && (await isBranch(folder, wanted))) {
    return { branch: wanted };
  }
  return defined({ worktree: findWorktree(worktrees, wanted, cwd) });
}

/** No process for what can only be a path: no branch begins so. */
async function isBranch(folder: string, name: string): Promise<boolean> {
  if (name === '' || /^[./]/.test(name)) return false;
  return (await git(folder, 'show-ref', '--verify', '--quiet', `refs/heads/${name}`)).code === 0;
}

/**
 * As {@link findWorktree}, for a command that needs a worktree: throws COPPICE_AMBIGUOUS where the name is exactly that of
 * a branch without one, and the slug or the folder of another.
 */
export async function findWorktreeOnly(
  worktrees: readonly Worktree[],
  wanted: string,
  cwd: string,
): Promise<Worktree | undefined> {
  const [main] = worktrees;
  if (main === undefined) return undefined;
  const meant = await worktreeOrBranch(worktrees, wanted, { cwd, folder: main.path });
  if (meant.branch === undefined) return meant.worktree;
  const other = findWorktree(worktrees, wanted, cwd);
  if (other === undefined) return undefined;
  const [name, path] = [nameOf(other), other.path];
  throw new CoppiceError(
    'COPPICE_AMBIGUOUS',
    `${wanted} is a branch without a worktree, and the short name or the folder of ${name} (${path})`,
    { hint: `pass ${name}, or ${path}` },
  );
}
