import { defined } from '../../../core/defined.ts';
import { slugOf } from '../../../core/names.ts';
import { type Branch, listBranches } from '../../../git/branches.ts';
import { changedFiles, lastCommits } from '../../../git/recent.ts';
import { listWorktrees, nameOf, type Worktree } from '../../../git/worktrees.ts';
import type { Ports } from '../../ports.ts';
import type { ListedEnvironment } from '../list/item.ts';

/** A worktree that a person can choose, or a branch that has none. */
export interface Choice {
  /** Branch, or what the worktree is called without one. */
  readonly name: string;
  /** Absent for a branch without a worktree. */
  readonly worktree?: Worktree;
  /** Subject of its last commit. */
  readonly subject?: string;
}

/** What is known of the environment of a worktree. */
export interface ChoiceState {
  /** `up`, `failing`, …, of each app `app: state` where there are several. */
  readonly state: string;
  readonly reasons: readonly string[];
}

export interface Preview {
  /** `a1b2c3d 2 days ago Fix the login`, the latest first. */
  readonly commits: readonly string[];
  /** ` M src/a.ts` as `git status --short` has it. */
  readonly changes: readonly string[];
}

/**
 * Worktrees whose folder is there, the one with the youngest commit first and the current one last; then, if wanted,
 * branches without one. Two git processes at once.
 */
export async function choices(
  { cwd, current }: { readonly cwd: string; readonly current?: string },
  { branches: withBranches }: { readonly branches: boolean },
): Promise<Choice[]> {
  const [worktrees, branches] = await Promise.all([listWorktrees(cwd), listBranches(cwd)]);
  const place = new Map(branches.map((branch, index) => [branch.name, index]));
  const rank = ({ branch = '', path }: Worktree) =>
    path === current ? Number.POSITIVE_INFINITY : (place.get(branch) ?? branches.length);
  const there = worktrees.filter(({ bare, prunable }) => !bare && prunable === undefined);
  const taken = new Set(there.map(({ branch }) => branch));
  const free = withBranches ? branches.filter(({ name }) => !taken.has(name)) : [];
  return [
    ...there.sort((one, other) => Math.sign(rank(one) - rank(other)) || 0).map(choiceOf(branches)),
    ...free.map(({ name, subject }) => ({ name, subject })),
  ];
}

function choiceOf(branches: readonly Branch[]) {
  return (worktree: Worktree): Choice => {
    const subject = branches.find(({ name }) => name === worktree.branch)?.subject;
    return { name: nameOf(worktree), worktree, ...defined({ subject }) };
  };
}

/** Reads what a person wants to know before they go there. Never throws: what git does not tell is left out. */
export async function previewOf({ name, worktree }: Choice, cwd: string): Promise<Preview> {
  const [commits, changes] = await Promise.all([
    lastCommits(worktree?.path ?? cwd, worktree === undefined ? `refs/heads/${name}` : 'HEAD', 5),
    worktree === undefined ? [] : changedFiles(worktree.path),
  ]);
  return { commits, changes };
}

/**
 * Tells the state of each worktree's environment as `wt list` has it, as soon as it is known, by the worktree's path.
 * Without a cluster there is none to tell.
 */
export async function watchStates(
  ports: Pick<Ports, 'cwd' | 'interrupts'>,
  onState: (worktree: string, state: ChoiceState) => void,
): Promise<void> {
  const { listEnvironmentsOf } = await import('../list/list.ts');
  await listEnvironmentsOf(ports.cwd, ports, ({ worktrees }) => {
    for (const { path, environments } of worktrees)
      if (environments !== undefined && environments.length > 0) onState(path, stateIn(environments));
  });
}

/**
 * One state for all environments of a worktree: only that of its branch, if there is one beside those with another name.
 *
 * @internal Exported for its test, which passes environments in.
 */
export function stateIn(environments: readonly ListedEnvironment[]): ChoiceState {
  const usual = environments.filter(({ slug, branch }) => branch === undefined || slug === slugOf(branch));
  const shown = usual.length === 0 ? environments : usual;
  const [first] = shown;
  return {
    state:
      shown.length === 1 && first !== undefined
        ? first.state
        : shown.map(({ app, state }) => `${app}: ${state}`).join(', '),
    reasons: shown.flatMap(({ reasons }) => reasons),
  };
}
