import { isThere } from '../../../core/files.ts';
import { slugOf } from '../../../core/names.ts';
import { nameOf } from '../../../git/worktrees.ts';
import { type Household, homeOf } from '../../environments/home.ts';
import { recordedHere } from '../../environments/recorded-here.ts';
import { parseFullName } from '../../target/full-name.ts';
import type { RecordedEnvironment } from '../../target/recorded.ts';
import type { Repository } from '../repository.ts';

/** An environment by its full name. */
export interface EnvironmentRef {
  readonly app: string;
  readonly slug: string;
}

/** Nothing of it is recorded any more, whoever's it was: it may have left telemetry, and there is nothing to remove. */
export interface EarlierEnvironment extends EnvironmentRef {
  readonly earlier: true;
}

/** A worktree by what its environments say of it. */
interface Place {
  readonly name: string;
  /** Absolute path of its folder, which may be gone; absent for a branch without a worktree. */
  readonly path?: string;
}

/**
 * The environments of a worktree, or of a branch that has none, from the states on this machine. No engine and no cluster
 * is asked, and without any state nothing is loaded. With `purge` also those that the apps of the worktree may have had.
 */
export async function environmentsOf(
  place: Place,
  repository: Repository,
  { purge }: { readonly purge: boolean },
): Promise<(EnvironmentRef | EarlierEnvironment)[]> {
  const all = await recordedOf(repository);
  const earlier = purge ? await earlierOf(place, repository) : [];
  const household = householdWith(place, repository);
  const own = all
    .filter(({ owner, slug }) => {
      if (owner === undefined) return slug === slugOf(place.name);
      const home = homeOf({ slug, ...owner }, household);
      if (home.kind === 'worktree') return home.path === place.path;
      return home.kind !== 'another repository' && owner.branch === place.name;
    })
    .map(({ app, slug }) => ({ app, slug }));
  return [...own, ...earlier];
}

/** Of this name, without a state: they were removed before. */
async function earlierOf({ name, path }: Place, { worktrees }: Repository): Promise<EarlierEnvironment[]> {
  const slug = slugOf(name);
  const apps = [...new Set([...(await appsOf(path)), ...(await appsOf(worktrees[0]?.path))])];
  const found = await Promise.all(
    apps.map(async (app) => ((await isRecorded(app, slug)) ? [] : [{ app, slug, earlier: true as const }])),
  );
  return found.flat();
}

/** By anybody: the environment of another repository is up, and a state that cannot be read may be of one that is. */
async function isRecorded(app: string, slug: string): Promise<boolean> {
  const { projectsWithStack } = await import('../../engine/index.ts');
  return (await projectsWithStack(slug)).includes(app);
}

/** With the worktree that is meant at its own place: git may list it at one from which it was moved by hand. */
function householdWith({ name, path }: Place, { common, worktrees }: Repository): Household {
  const listed = worktrees
    .filter(({ bare }) => !bare)
    .map((worktree) => ({ ...worktree, name: nameOf(worktree) }));
  const isListed = path === undefined || listed.some((one) => one.path === path);
  const there = isListed
    ? listed
    : [...listed.filter((one) => one.name !== name || one.prunable === undefined), { name, path }];
  // Whether a branch is there decides about no worktree's environment, and one that is alone has it in its record.
  return { repository: common, worktrees: there, hasBranch: () => undefined };
}

/** Environments of this repository that have a state here. One that no `up` finished is of the app that the repository has. */
async function recordedOf({ common, worktrees }: Repository): Promise<RecordedEnvironment[]> {
  const { own, unowned } = await recordedHere(common);
  if (unowned.length === 0) return [...own];
  const apps = await appsOf(worktrees[0]?.path);
  return [...own, ...unowned.filter(({ app }) => apps.includes(app))];
}

async function appsOf(folder: string | undefined): Promise<string[]> {
  if (folder === undefined || !(await isThere(folder))) return [];
  const { appsIn } = await import('../../target/specs.ts');
  return (await appsIn(folder)).map(({ app }) => app);
}

/** The environment of a full name, or of a slug in this repository, whose worktree is gone. */
export async function environmentNamed(
  text: string,
  repository: Repository,
): Promise<EnvironmentRef | undefined> {
  const full = parseFullName(text);
  const all = await recordedOf(repository);
  return all.find(({ app, slug }) => (full ? app === full.app && slug === full.slug : slug === text));
}
