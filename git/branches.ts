import { defined } from '../core/defined.ts';
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

/**
 * The branch that others are merged into, by name: what `origin/HEAD` points to, else `init.defaultBranch`, `main`,
 * `master` or `trunk` if there is such a branch, else that of the main worktree. Undefined in a repository without any.
 */
export async function defaultBranch(folder: string): Promise<string | undefined> {
  const [remote, setting] = await Promise.all([
    git(folder, 'symbolic-ref', '-q', '--short', 'refs/remotes/origin/HEAD'),
    git(folder, 'config', 'init.defaultBranch'),
  ]);
  // 1: there is no such reference. Whoever takes a failure for that may delete the default branch.
  if (remote.code > 1) throw gitError(folder, remote);
  if (remote.code === 0) return remote.stdout.trim().replace(/^origin\//, '');
  const usual = [...new Set([setting.stdout.trim(), 'main', 'master', 'trunk'])].filter(
    (name) => name !== '',
  );
  const { stdout } = await git(
    folder,
    'for-each-ref',
    '--format=%(refname:lstrip=2)',
    ...usual.map((name) => `refs/heads/${name}`),
  );
  const there = stdout.trim().split('\n');
  const found = usual.find((name) => there.includes(name));
  if (found !== undefined) return found;
  return (await listWorktrees(folder))[0]?.branch;
}
