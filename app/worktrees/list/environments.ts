import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { appNamed, specFileName } from '../../../config/spec/find.ts';
import { defined } from '../../../core/defined.ts';
import { isOneFolder, namesIn } from '../../../core/files.ts';
import { namespaceName, slugOf } from '../../../core/names.ts';
import { paths } from '../../../core/paths.ts';
import { isSameRepository } from '../../../core/state/moved-repositories.ts';
import { allStacks, type StackName } from '../../engine/index.ts';
import type { EnvironmentNow, EnvironmentOwner } from '../../environments/states.ts';
import { type RecordedOwner, recorded } from '../../target/recorded.ts';
import type { ClusterSilence, ListedEnvironment, ListedWorktree } from './item.ts';

/** Whose environments are meant, and which worktrees there are. */
export interface Household {
  /** Absolute path of git's common directory. */
  readonly repository: string;
  readonly worktrees: readonly Pick<ListedWorktree, 'path' | 'name' | 'detached' | 'prunable'>[];
}

/** Whether a namespace or a stack belongs to this repository. */
export function isOf(repository: string, owner: Pick<EnvironmentOwner, 'repository'>): boolean {
  return owner.repository !== undefined && isSameRepository(owner.repository, repository);
}

/**
 * The path of the worktree in whose row an environment stands: that of its branch, wherever it is now, or else the one that
 * it was brought up from, on whatever branch that is. Undefined for an orphan.
 */
export function placeOf(
  { slug, branch, worktree }: Pick<EnvironmentOwner, 'slug' | 'branch' | 'worktree'>,
  { worktrees }: Household,
): string | undefined {
  const named = worktrees.filter(({ name }) =>
    branch === undefined ? slugOf(name) === slug : name === branch,
  );
  const at = (one: { readonly path: string }) => worktree !== undefined && isSamePath(one.path, worktree);
  return (
    named.find(at) ??
    named.find(({ prunable }) => prunable === undefined) ??
    worktrees.find(at) ??
    named[0]
  )?.path;
}

function isSamePath(path: string, other: string): boolean {
  return path === other || isOneFolder(path, other);
}

/** Where the worktree of an environment is now: it may have been moved. */
export function worktreeOf(owner: EnvironmentOwner, household: Household): string | undefined {
  const place = placeOf(owner, household);
  const row = household.worktrees.find(({ path }) => path === place);
  return row?.name === owner.branch && row?.prunable === undefined ? place : owner.worktree;
}

/** An environment as a list has it. `household`: to find out whether its worktree is gone. */
export function listed(found: EnvironmentNow, household: Household, branches: Branches): ListedEnvironment {
  const { app, slug, urls, branch, worktree, database, memory } = found;
  const { state, reasons } = stateOf(found, household, branches);
  return { app, slug, state, reasons, urls, ...defined({ branch, worktree, database, memory }) };
}

/** Whether a local branch exists; undefined while that is not known. */
export type Branches = (branch: string) => boolean | undefined;

function stateOf(
  found: EnvironmentNow,
  household: Household,
  branches: Branches,
): Pick<ListedEnvironment, 'state' | 'reasons'> {
  const { state, reasons, changed } = found;
  if (state === 'ending') return { state, reasons };
  const gone = whyOrphaned(found, household, branches);
  if (gone !== undefined) return { state: 'orphaned', reasons: [gone, ...(state === 'up' ? [] : reasons)] };
  const differs = changed.length === 0 ? [] : [`changed since its last up: ${changed.join(', ')}`];
  return {
    state: state === 'up' && changed.length > 0 ? 'changed' : state,
    reasons: [...reasons, ...differs],
  };
}

/** @internal Exported for its test, which passes owners in. */
export function whyOrphaned(
  owner: Pick<EnvironmentOwner, 'slug' | 'branch' | 'worktree'>,
  household: Household,
  branches: Branches,
): string | undefined {
  const place = placeOf(owner, household);
  const row = household.worktrees.find(({ path }) => path === place);
  if (row?.prunable !== undefined) return `the folder of its worktree, ${row.path}, is gone`;
  const { branch, worktree } = owner;
  const branchGone =
    branch !== undefined && branches(branch) === false && row?.name !== branch
      ? `its branch ${branch} is gone`
      : undefined;
  if (row !== undefined) return branchGone;
  const from = worktree === undefined ? 'its worktree is gone' : `its worktree ${worktree} is gone`;
  return branchGone === undefined ? from : `${from}, and ${branchGone}`;
}

/** What a worktree with a coppice.yaml has while it has no environment. `folder`: that of coppice.yaml, below its top. */
export function absentIn(row: Pick<ListedWorktree, 'path' | 'name'>, folder: string): ListedEnvironment[] {
  return wanted(row, folder, { state: 'absent', reasons: ['`wt up` brings it up'] });
}

/** The same while the cluster does not answer. */
export function unknownIn(
  row: Pick<ListedWorktree, 'path' | 'name'>,
  folder: string,
  { reason }: ClusterSilence,
): ListedEnvironment[] {
  return wanted(row, folder, { state: 'unknown', reasons: [reason] });
}

function wanted(
  { path, name }: Pick<ListedWorktree, 'path' | 'name'>,
  folder: string,
  state: Pick<ListedEnvironment, 'state' | 'reasons'>,
): ListedEnvironment[] {
  try {
    const app = appNamed(readFileSync(join(path, folder, specFileName), 'utf8'));
    return [{ app, slug: slugOf(name), urls: [], ...state }];
  } catch {
    return [];
  }
}

/** An environment that a stack of this machine names. */
interface KnownEnvironment {
  readonly owner: EnvironmentOwner;
  readonly environment: ListedEnvironment;
}

/** What may be up in a repository by the stacks of this machine, while the cluster does not answer. */
export async function unknownEnvironments(
  repository: string,
  { reason }: ClusterSilence,
): Promise<KnownEnvironment[]> {
  const stacks = (await allStacks()).filter(({ project }) => project !== 'coppice');
  const owners = await Promise.all(stacks.map(ownerOfStack));
  return owners.flatMap((owner) => {
    if (owner === undefined || !isOf(repository, owner)) return [];
    const { app, slug, branch, worktree } = owner;
    const known = { app, slug, ...defined({ branch, worktree }) };
    return [{ owner, environment: { ...known, state: 'unknown' as const, reasons: [reason], urls: [] } }];
  });
}

async function ownerOfStack({ project, stack }: StackName): Promise<EnvironmentOwner | undefined> {
  const known = await recorded(project, stack).catch(() => undefined);
  const owner: RecordedOwner | undefined = known?.owner;
  return owner && { app: project, slug: stack, namespace: namespaceName(project, stack), ...owner };
}

/** The repositories that the stacks of this machine name. */
export async function repositoriesOfStacks(): Promise<string[]> {
  if ((await namesIn(paths().pulumiState)).length === 0) return [];
  const owners = await Promise.all((await allStacks()).map(ownerOfStack));
  return [...new Set(owners.flatMap((owner) => owner?.repository ?? []))];
}
