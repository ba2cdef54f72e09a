import { join } from 'node:path';
import { namesIn } from '../../core/files.ts';
import { environmentName } from '../../core/names.ts';
import { paths } from '../../core/paths.ts';
import { localBranches } from '../../git/base.ts';
import { identify } from '../../git/identity.ts';
import type { EnvironmentName } from '../target/target.ts';
import { type EnvironmentRecord, readRecord } from './record.ts';
import { type Renamed, renamedFix, renamedWords } from './renamed.ts';

/** What a namespace says about where it was brought up from. */
interface BroughtUpFrom {
  readonly branch: string | undefined;
  readonly worktree: string | undefined;
}

/**
 * What is wrong when the worktree of an environment is on another branch than at its last `up`: pods see the folder,
 * whatever is in it. Undefined when it is on the same one, or git does not tell.
 *
 * @internal Exported for its test, which switches the branch of a repository.
 */
export async function branchProblem({ branch, worktree }: BroughtUpFrom): Promise<string | undefined> {
  if (branch === undefined || worktree === undefined) return undefined;
  const now = await identify(worktree).catch(() => undefined);
  return now === undefined || now.worktree !== worktree ? undefined : switchProblem(branch, now.branch);
}

/** {@link branchProblem}, and whether the branch is there to go back to. */
export async function branchTrouble(
  { app, slug }: Pick<EnvironmentName, 'app' | 'slug'>,
  from: BroughtUpFrom,
): Promise<BranchTrouble | undefined> {
  const what = await branchProblem(from);
  const { branch, worktree } = from;
  if (what === undefined || branch === undefined || worktree === undefined) return undefined;
  const [renamed] = await renamedAmong([{ app, slug, branch }], worktree);
  return renamed === undefined ? { what } : { what: renamedWords(renamed), fix: renamedFix(renamed) };
}

/** That the worktree of an environment is on another branch. `fix`: what to type where its own is gone. */
export interface BranchTrouble {
  readonly what: string;
  readonly fix?: string;
}

/** Those of some environments of a worktree whose branch is gone. None where git does not tell. */
export async function renamedAmong(
  environments: readonly Omit<Renamed, 'now'>[],
  worktree: string,
): Promise<Renamed[]> {
  if (environments.length === 0) return [];
  const here = await identify(worktree).catch(() => undefined);
  const there = here && (await localBranches(here.repository, undefined).catch(() => undefined));
  if (here === undefined || there === undefined) return [];
  return environments
    .filter(({ branch }) => branch !== here.branch && !there.names.has(branch))
    .map((one) => ({ ...one, now: here.branch }));
}

/** The same with the name of the branch that its worktree is on now. */
export function switchProblem(branch: string, now: string): string | undefined {
  return now === branch
    ? undefined
    : `its worktree is on ${now} now: the files of that branch run on the data of ${branch}, and headers name the commit of the last up`;
}

/** An environment that another branch brought up from a worktree. */
export type LeftBehind = Omit<Renamed, 'now'>;

/** The environments of an app that other branches brought up from the folder that this one is brought up from. */
export async function othersInWorktree({
  app,
  slug,
  branch,
  worktree,
}: Pick<EnvironmentRecord, 'app' | 'slug' | 'branch' | 'worktree'>): Promise<LeftBehind[]> {
  const files = await namesIn(join(paths().environments, app));
  const slugs = files.flatMap((file) => /^([a-z0-9-]+)\.json$/.exec(file)?.[1] ?? []);
  const records = await Promise.all(slugs.map((other) => readRecord(app, other).catch(() => undefined)));
  return records.flatMap((record) =>
    record !== undefined && record.slug !== slug && record.branch !== branch && record.worktree === worktree
      ? [{ app, slug: record.slug, branch: record.branch }]
      : [],
  );
}

/** What other branches brought up from a worktree. */
export interface Switched {
  /** Full names. */
  readonly switched: readonly string[];
  /** Those of them whose branch is gone: renamed or deleted. */
  readonly renamed: readonly Renamed[];
}

/** Those of `othersInWorktree` for an environment that was named; none unless a worktree is on its branch. */
export async function switchedFrom(
  { app, slug, branch, specFolder }: EnvironmentName,
  cwd: string,
): Promise<Switched> {
  const here = await identify(specFolder ?? cwd).catch(() => undefined);
  if (here === undefined || here.branch !== branch) return { switched: [], renamed: [] };
  const others = await othersInWorktree({ app, slug, branch, worktree: here.worktree });
  const renamed = await renamedAmong(others, here.worktree);
  return { switched: others.map((one) => environmentName(one.app, one.slug)), renamed };
}
