import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { appNamed, specFileName } from '../../../config/spec/find.ts';
import { defined } from '../../../core/defined.ts';
import { namesIn } from '../../../core/files.ts';
import { namespaceName, slugOf } from '../../../core/names.ts';
import { paths } from '../../../core/paths.ts';
import { isSameRepository } from '../../../core/state/moved-repositories.ts';
import { allStacks, type StackName } from '../../engine/index.ts';
import { switchProblem } from '../../environments/branch-now.ts';
import { type Claim, type Household, homeOf } from '../../environments/home.ts';
import { renamedFix, renamedWords } from '../../environments/renamed.ts';
import type { EnvironmentNow, EnvironmentOwner } from '../../environments/states.ts';
import { type RecordedOwner, recorded } from '../../target/recorded.ts';
import type { ClusterSilence, ListedEnvironment, ListedWorktree, Listing } from './item.ts';

/** Whether a namespace or a stack belongs to this repository. */
export function isOf(repository: string, owner: Pick<EnvironmentOwner, 'repository'>): boolean {
  return owner.repository !== undefined && isSameRepository(owner.repository, repository);
}

/** What a list knows of a repository. `hasBranch`: undefined while the branches are not known. */
export function householdOf(
  { repository, worktrees }: Pick<Listing, 'repository' | 'worktrees'>,
  branches?: ReadonlySet<string>,
): Household {
  return { repository, worktrees, hasBranch: (branch) => branches?.has(branch) };
}

/** The path of the worktree in whose row an environment stands; undefined for an orphan. */
export function placeOf(claim: Claim, household: Household): string | undefined {
  const home = homeOf(claim, household);
  return home.kind === 'worktree' ? home.path : undefined;
}

/** Where the worktree of an environment is now: it may have been moved. */
export function worktreeOf(owner: EnvironmentOwner, household: Household): string | undefined {
  const home = homeOf(owner, household);
  return home.kind === 'worktree' && !home.isFolderGone ? home.path : owner.worktree;
}

/** An environment as a list has it. */
export function listed(found: EnvironmentNow, household: Household): ListedEnvironment {
  const { app, slug, urls, branch, worktree, database, memory } = found;
  const renamed = renamedIn(found, household);
  const { state, reasons } = stateOf(found, household, renamed);
  const facts = defined({ branch, worktree, renamedTo: renamed?.now, database, memory });
  return { app, slug, state, reasons, urls, ...facts };
}

function stateOf(
  found: EnvironmentNow,
  household: Household,
  renamed: RenamedWords | undefined,
): Pick<ListedEnvironment, 'state' | 'reasons'> {
  const { state, changed } = found;
  if (state === 'ending') return { state, reasons: found.reasons };
  const gone = whyOrphaned(found, household);
  if (gone !== undefined)
    return { state: 'orphaned', reasons: [gone, ...(state === 'up' ? [] : found.reasons)] };
  const reasons =
    renamed === undefined ? found.reasons : [...renamed.words, ...besides(found.reasons, renamed)];
  const differs = changed.length === 0 ? [] : [`changed since its last up: ${changed.join(', ')}`];
  return {
    state: state === 'up' && changed.length > 0 ? 'changed' : state,
    reasons: [...reasons, ...differs],
  };
}

/** @internal Exported for its test, which passes owners in. */
export function whyOrphaned(claim: Claim, household: Household): string | undefined {
  const home = homeOf(claim, household);
  if (home.kind === 'worktree')
    return home.isFolderGone ? `the folder of its worktree, ${home.path}, is gone` : undefined;
  return home.kind === 'another repository' ? undefined : home.why;
}

/** What is said of an environment whose branch was renamed: why, and what to type. */
interface RenamedWords {
  readonly branch: string;
  readonly now: string;
  readonly words: readonly [why: string, fix: string];
}

function renamedIn(
  { app, ...claim }: Claim & { readonly app: string },
  household: Household,
): RenamedWords | undefined {
  const home = homeOf(claim, household);
  const { branch, slug } = claim;
  if (home.kind !== 'worktree' || !home.isBranchGone || home.now === undefined || branch === undefined)
    return undefined;
  const renamed = { app, slug, branch, now: home.now };
  return { ...renamed, words: [renamedWords(renamed), renamedFix(renamed)] };
}

/** Without the reason that says less of the same. */
function besides(reasons: readonly string[], { branch, now }: RenamedWords): string[] {
  return reasons.filter((reason) => reason !== switchProblem(branch, now));
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
  household: Household,
  { reason }: ClusterSilence,
): Promise<KnownEnvironment[]> {
  const stacks = (await allStacks()).filter(({ project }) => project !== 'coppice');
  const owners = await Promise.all(stacks.map(ownerOfStack));
  return owners.flatMap((owner) => {
    if (owner === undefined || !isOf(household.repository, owner)) return [];
    const { app, slug, branch, worktree } = owner;
    const renamed = renamedIn(owner, household);
    const known = { app, slug, ...defined({ branch, worktree, renamedTo: renamed?.now }) };
    const reasons = renamed === undefined ? [reason] : [...renamed.words, reason];
    return [{ owner, environment: { ...known, state: 'unknown' as const, reasons, urls: [] } }];
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
