import { isThere } from '../../../core/files.ts';
import { nameOf, type Worktree } from '../../../git/worktrees.ts';
import { homeOf } from '../../environments/home.ts';
import type { RecordedEnvironment } from '../../target/recorded.ts';
import type { Home } from './facts.ts';

/** What an environment may belong to. */
export interface Homes {
  /** Absolute path of git's common directory. */
  readonly repository: string;
  readonly worktrees: readonly Worktree[];
  readonly branches: readonly string[];
  /** Whether a branch is contained in the default branch. */
  readonly isMerged: (branch: string) => Promise<boolean>;
}

/** What an environment belongs to, and for one without a worktree whether anybody may want it again. */
export async function homeIn({ slug, owner }: RecordedEnvironment, homes: Homes): Promise<Home> {
  if (owner === undefined) return { kind: 'unknown', why: 'its first up was interrupted' };
  const { repository, branches } = homes;
  const worktrees = homes.worktrees
    .filter(({ bare }) => !bare)
    .map((worktree) => ({ ...worktree, name: nameOf(worktree) }));
  const hasBranch = (branch: string) => branches.includes(branch);
  const home = homeOf({ slug, ...owner }, { repository, worktrees, hasBranch });
  if (home.kind === 'worktree') {
    const { path, now } = home;
    return {
      kind: 'worktree',
      path,
      ...(now !== undefined && { switched: { from: owner.branch, to: now } }),
    };
  }
  if (home.kind === 'another repository')
    return { kind: 'unknown', why: `it belongs to ${owner.repository}` };
  if (await isThere(owner.worktree))
    return { kind: 'unknown', why: `${owner.worktree} is there, and git does not list it as a worktree` };
  if (home.kind === 'orphaned') return { kind: 'lost', branch: 'gone', proof: home.why };
  return (await homes.isMerged(home.branch))
    ? { kind: 'lost', branch: 'merged', proof: `${home.why}, and its branch ${home.branch} is merged` }
    : { kind: 'lost', branch: 'there', proof: home.why };
}
