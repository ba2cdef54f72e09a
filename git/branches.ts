import { join } from 'node:path';
import { defined } from '../core/defined.ts';
import { isThere } from '../core/files.ts';
import { commonFolder } from './base.ts';
import { git, gitError } from './command.ts';
import { listWorktrees } from './worktrees.ts';

/** A local branch. */
export interface Branch {
  readonly name: string;
  /** Full sha of its tip. */
  readonly tip: string;
  /** When its tip was committed, in milliseconds since 1970. */
  readonly committed: number;
  /** Subject of its last commit. */
  readonly subject: string;
  /** Full name of the reference that it follows: `refs/remotes/origin/feat`; absent without one. */
  readonly upstream?: string;
  /** The upstream was deleted, as a remote does after a merge. */
  readonly upstreamGone: boolean;
}

const format = [
  '%(refname:lstrip=2)',
  '%(objectname)',
  '%(committerdate:unix)',
  '%(upstream)',
  '%(upstream:track)',
  '%(contents:subject)',
].join('%00');

/** All local branches, the one with the youngest commit first: one git process. Throws what `gitError` translates. */
export async function listBranches(folder: string): Promise<Branch[]> {
  const result = await git(
    folder,
    'for-each-ref',
    '--sort=-committerdate',
    `--format=${format}`,
    'refs/heads',
  );
  if (result.code !== 0) throw gitError(folder, result);
  return result.stdout.split('\n').flatMap((line) => {
    const [name, tip, committed, upstream, track, subject] = line.split('\0');
    if (!name || tip === undefined) return [];
    return [
      {
        name,
        tip,
        committed: Number(committed) * 1000,
        subject: subject ?? '',
        upstreamGone: track === '[gone]',
        ...defined({ upstream: upstream || undefined }),
      },
    ];
  });
}

/** A branch that others are compared with, or the remote-tracking reference of one. */
export interface ComparedReference {
  /** Full sha. */
  readonly tip: string;
  /** Full name of what it follows; empty without one, and for a remote-tracking reference. */
  readonly upstream: string;
  /** `ahead 1, behind 2`, `gone` or empty. */
  readonly track: string;
}

/** The branch that others are merged into. */
export interface UsualBranch {
  /** Absent in a repository without any. */
  readonly name?: string;
  /** By full name: those of `main`, `master` and `trunk`, here and of `origin`, as far as there are such. */
  readonly references: ReadonlyMap<string, ComparedReference>;
}

const usualNames = ['main', 'master', 'trunk'] as const;
const remoteHead = 'refs/remotes/origin/HEAD';

/** The patterns of `references`. */
const usualPatterns = [
  remoteHead,
  ...usualNames.flatMap((name) => [`refs/heads/${name}`, `refs/remotes/origin/${name}`]),
];

/**
 * The branch that others are merged into, by name: what `origin/HEAD` points to, else `init.defaultBranch`, `main`,
 * `master` or `trunk` if there is such a branch, else that of the main worktree. Two git processes at once.
 */
export async function usualBranch(folder: string): Promise<UsualBranch> {
  const [result, setting] = await Promise.all([
    comparedReferences(folder, usualPatterns),
    git(folder, 'config', 'init.defaultBranch'),
  ]);
  const { references, head = await danglingHead(folder) } = result;
  if (head !== undefined) return { name: head, references };
  const configured = setting.stdout.trim();
  const names = [...new Set([configured, ...usualNames])].filter((name) => name !== '');
  const known =
    configured === '' || isUsual(configured)
      ? references
      : (await comparedReferences(folder, [`refs/heads/${configured}`, ...usualPatterns])).references;
  const found = names.find((name) => known.has(`refs/heads/${name}`));
  const name = found ?? (await listWorktrees(folder))[0]?.branch;
  return { references, ...defined({ name }) };
}

/** The name alone of {@link usualBranch}. */
export async function defaultBranch(folder: string): Promise<string | undefined> {
  return (await usualBranch(folder)).name;
}

/** Whether `references` has what there is of a branch. */
export function isUsual(name: string): boolean {
  return usualNames.some((one) => one === name);
}

/** References by full name, and what `origin/HEAD` points to if that is among them. Throws what `gitError` translates. */
export async function comparedReferences(
  folder: string,
  patterns: readonly string[],
): Promise<{ readonly references: ReadonlyMap<string, ComparedReference>; readonly head?: string }> {
  const fields = '%(refname)%00%(objectname)%00%(symref)%00%(upstream)%00%(upstream:track,nobracket)';
  const result = await git(folder, 'for-each-ref', `--format=${fields}`, ...patterns);
  if (result.code !== 0) throw gitError(folder, result);
  const references = new Map<string, ComparedReference>();
  let head: string | undefined;
  for (const line of result.stdout.split('\n').filter((one) => one !== '')) {
    const [reference = '', tip = '', symbolic = '', upstream = '', track = ''] = line.split('\0');
    if (reference === remoteHead) head = symbolic.replace('refs/remotes/origin/', '') || undefined;
    else references.set(reference, { tip, upstream, track });
  }
  return { references, ...defined({ head }) };
}

/** What `origin/HEAD` names where that is not there: `for-each-ref` leaves such a one out. */
async function danglingHead(folder: string): Promise<string | undefined> {
  const common = await commonFolder(folder);
  const isPossible =
    (await isThere(join(common, ...remoteHead.split('/')))) || (await isThere(join(common, 'reftable')));
  if (!isPossible) return undefined;
  const remote = await git(folder, 'symbolic-ref', '-q', '--short', remoteHead);
  // 1: there is no such reference. Whoever takes a failure for that may delete the default branch.
  if (remote.code > 1) throw gitError(folder, remote);
  return remote.code === 0 ? remote.stdout.trim().replace(/^origin\//, '') : undefined;
}
