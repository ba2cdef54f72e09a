import { relative, resolve } from 'node:path';
import { defined } from '../../core/defined.ts';
import { CoppiceError, hasCode } from '../../core/errors.ts';
import { isThere } from '../../core/files.ts';
import type { Identity } from '../../core/identity.ts';
import { environmentName, isSlug, namespaceName, slugOf } from '../../core/names.ts';
import { isSameRepository } from '../../core/state/moved-repositories.ts';
import { repairHint } from '../../git/command.ts';
import { requireUncontested } from '../../git/contested.ts';
import { identify } from '../../git/identity.ts';
import { takeOverMoved } from '../../git/moved.ts';
import { findWorktreeOnly, listWorktrees, nameOf, type Worktree } from '../../git/worktrees.ts';
import { type FullName, parseFullName } from './full-name.ts';
import { missingSpecError } from './missing-spec.ts';
import { isPath, noWorktreeAtError, noWorktreeError } from './no-worktree.ts';
import { type Claimant, requireOwn } from './ownership.ts';
import { type RecordedEnvironment, recorded, recordedWithSlug } from './recorded.ts';
import type { Target } from './request.ts';
import { type AppSpec, appsIn, nearestApp } from './specs.ts';
import { toBringUp, toCreateWorktree } from './to-bring-up.ts';

export type { Target };

/** An environment by name: enough to examine or remove it, with or without a worktree. */
export interface EnvironmentName {
  readonly app: string;
  readonly slug: string;
  /** Kubernetes namespace. */
  readonly namespace: string;
  /** The branch or folder that it was named after, if any. */
  readonly branch?: string;
  /** Folder of its coppice.yaml, if there is one. */
  readonly specFolder?: string;
  /** Who it must belong to; absent when it was named in full. */
  readonly claimant?: Claimant;
  /** The command that brings it up, or what to do first where it has no worktree. */
  readonly toBringUp?: string;
  /** No worktree has the name that was written: it may be a typo. */
  readonly unknown?: true;
}

/** A folder of the worktree that an environment is made from, and its name if that is not the branch's. */
export interface TargetSource {
  readonly folder: string;
  readonly as?: string;
}

/**
 * The environment that a target means, for every verb. A name is looked up inside this repository: its apps, and the
 * environments whose stacks it owns; works without a worktree, and with a broken or missing spec. What another repository
 * owns has to be written as `app/slug`. Throws COPPICE_NO_SPEC, COPPICE_CLAIMED, COPPICE_NO_WORKTREE for a path that
 * is none, COPPICE_AMBIGUOUS, COPPICE_SLUG, and what git throws.
 */
export async function nameEnvironment(target: Target, cwd: string): Promise<EnvironmentName> {
  const full = await fullNameOf(target, cwd);
  if (full !== undefined) return nameInFull(full, cwd);
  const name = await nameInRepository(target, cwd);
  const owner = (await recorded(name.app, name.slug))?.owner;
  if (owner === undefined) return name;
  const identity = await identify(cwd);
  await takeOverMoved(name, owner, identity);
  requireOwn(name, owner);
  // A written name means that environment, whoever's worktree it has.
  if (target.environment === undefined && target.as === undefined)
    await requireUncontested({ ...name, identity }, owner);
  return name;
}

/** An environment to look at, and why its state, which would say more, cannot be read. */
interface NameToLookAt {
  readonly name: EnvironmentName;
  /** COPPICE_DAMAGED; undefined when the state is whole. */
  readonly damage?: unknown;
}

/**
 * {@link nameEnvironment} for verbs that only look: where its state is damaged and has no whole copy, the cluster knows
 * whose the environment is.
 */
export async function nameToLookAt(target: Target, cwd: string): Promise<NameToLookAt> {
  try {
    return { name: await nameEnvironment(target, cwd) };
  } catch (damage) {
    if (!hasCode(damage, 'COPPICE_DAMAGED')) throw damage;
    const { environment } = target;
    const full = environment === undefined ? undefined : parseFullName(environment);
    if (environment === undefined || full === undefined || (await worktreeOf(environment, cwd)))
      return { name: await nameInRepository(target, cwd), damage };
    const { app, slug } = full;
    const toUp = toBringUp({ environment });
    return { name: { app, slug, namespace: namespaceName(app, slug), toBringUp: toUp }, damage };
  }
}

/**
 * Where the environment that a target means is made from: at the same place below the worktree's top as `cwd` is below
 * its own, or for a full name the folder of that app. Throws COPPICE_NO_WORKTREE, and what `nameEnvironment` throws.
 */
export async function sourceOf(target: Target, cwd: string): Promise<TargetSource> {
  const { environment, as } = target;
  const full = await fullNameOf(target, cwd);
  if (full !== undefined) return sourceInFull(full, cwd);
  if (environment === undefined) return { folder: cwd, ...defined({ as }) };
  const worktree = await worktreeOf(environment, cwd);
  if (!worktree && isPath(environment)) throw await noWorktreeAtError(environment, cwd);
  if (!worktree) throw noWorktreeError(environment, (await worktreesAt(cwd)).map(nameOf));
  return { folder: await sameFolderIn(worktree, cwd), ...defined({ as }) };
}

/**
 * `feat/x` can be a branch and a full name. It is the full name of an environment that exists or of an app of this
 * repository, unless a worktree has that branch or the branch has an environment. Throws COPPICE_AMBIGUOUS for both.
 */
async function fullNameOf({ environment, as }: Target, cwd: string): Promise<FullName | undefined> {
  const full = environment === undefined ? undefined : parseFullName(environment);
  if (environment === undefined || full === undefined) return undefined;
  const apps = (await appsHere(cwd)).map(({ app }) => app);
  const branch = await branchNamed(environment, apps, cwd);
  const known = (await recorded(full.app, full.slug)) !== undefined;
  if (branch !== undefined && known && !isSame(branch, full)) throw twofoldError(full, branch);
  if (branch !== undefined) return undefined;
  // Without an app here, there is none that a branch could belong to.
  if (!known && apps.length > 0 && !apps.includes(full.app)) return undefined;
  if (as === undefined) return full;
  throw new CoppiceError('COPPICE_USAGE', `${environment} is a full name, so --as cannot name it again`, {
    hint: `write ${environmentName(full.app, as)}`,
  });
}

/** The environment of this repository that a text means as a branch or a path: one that exists, or a worktree's. */
async function branchNamed(
  text: string,
  apps: readonly string[],
  cwd: string,
): Promise<FullName | undefined> {
  const worktree = await worktreeOf(text, cwd);
  const slug = slugOf(worktree ? nameOf(worktree) : text);
  const app = (await nearestApp(worktree ? await sameFolderIn(worktree, cwd) : cwd))?.app;
  if (worktree) return { app: app ?? apps[0] ?? '', slug };
  const candidates = app === undefined ? apps : [app];
  const existing = await Promise.all(candidates.map((candidate) => recorded(candidate, slug)));
  return existing.find((found) => found !== undefined);
}

function isSame(one: FullName, other: FullName): boolean {
  return one.app === other.app && one.slug === other.slug;
}

function twofoldError(full: FullName, branch: FullName): CoppiceError {
  const name = environmentName(full.app, full.slug);
  return new CoppiceError(
    'COPPICE_AMBIGUOUS',
    `${name} is a branch of this repository and the environment of an app`,
    {
      hint: `${environmentName(branch.app, branch.slug)} means the branch; outside of this repository ${name} means the app`,
    },
  );
}

async function nameInFull({ app, slug }: FullName, cwd: string): Promise<EnvironmentName> {
  const found = await placeOf({ app, slug }, cwd);
  return {
    app,
    slug,
    namespace: namespaceName(app, slug),
    toBringUp: toBringUp({ environment: environmentName(app, slug) }),
    ...(found === undefined && { unknown: true as const }),
    ...defined({ branch: found?.branch, specFolder: found?.specFolder }),
  };
}

async function sourceInFull(full: FullName, cwd: string): Promise<TargetSource> {
  const found = await placeOf(full, cwd);
  if (found?.specFolder === undefined) {
    throw new CoppiceError(
      'COPPICE_NO_WORKTREE',
      `no worktree with the app ${full.app} is known for ${environmentName(full.app, full.slug)}`,
      { hint: 'run this in a worktree of the app' },
    );
  }
  const as = found.branch !== undefined && slugOf(found.branch) === full.slug ? undefined : full.slug;
  return { folder: found.specFolder, ...defined({ as }) };
}

interface Place {
  readonly branch: string;
  readonly specFolder?: string;
}

/** The worktree of an environment: as its stack records it, or this repository's with that slug. */
async function placeOf({ app, slug }: FullName, cwd: string): Promise<Place | undefined> {
  const owner = (await recorded(app, slug))?.owner;
  if (owner !== undefined) return { branch: owner.branch, ...(await specFolderIn(owner.worktree, app)) };
  const worktree = (await worktreesAt(cwd)).find((one) => !one.bare && slugOf(nameOf(one)) === slug);
  return worktree && { branch: nameOf(worktree), ...(await specFolderIn(worktree.path, app)) };
}

async function specFolderIn(worktree: string, app: string): Promise<{ specFolder?: string }> {
  if (!(await isThere(worktree))) return {};
  const specFolder = (await appsIn(worktree)).find((spec) => spec.app === app)?.folder;
  return defined({ specFolder });
}

async function nameInRepository(target: Target, cwd: string): Promise<EnvironmentName> {
  const named = await nameFromGit(target, cwd);
  const slug = target.as ?? named.slug;
  if (!isSlug(slug)) throw new CoppiceError('COPPICE_SLUG', `"${slug}" cannot be the name of an environment`);
  const spec = (await nearestApp(named.folder)) ?? (await nearestApp(cwd));
  const app = spec?.app ?? (await appWithEnvironment(slug, named, cwd));
  const branch = target.as === undefined ? named.branch : undefined;
  return {
    app,
    slug,
    namespace: namespaceName(app, slug),
    toBringUp: named.worktrees
      ? toCreateWorktree(target.environment ?? slug, named.worktrees)
      : toBringUp(target),
    ...(named.worktrees && { unknown: true as const }),
    claimant: { repository: named.repository, ...defined({ branch: claimingBranch(target, named) }) },
    ...defined({ branch, specFolder: spec?.folder }),
  };
}

interface Named {
  readonly slug: string;
  readonly folder: string;
  readonly repository: string;
  readonly branch?: string;
  /** Names of the worktrees there are, where none has the name that was asked for. */
  readonly worktrees?: readonly string[];
}

async function nameFromGit({ environment, as }: Target, cwd: string): Promise<Named> {
  const here = await identifyOrExplain(cwd);
  const { repository } = here;
  if (environment === undefined) {
    if (as !== undefined) return { slug: as, folder: cwd, repository };
    return { slug: slugOf(here.branch), folder: cwd, repository, branch: here.branch };
  }
  const worktree = await worktreeOf(environment, cwd);
  // The slug of a path is often that of a branch of this repository: `../main`.
  if (!worktree && isPath(environment)) throw await noWorktreeAtError(environment, cwd);
  if (!worktree) {
    const worktrees = (await worktreesAt(cwd)).filter(({ bare }) => !bare).map(nameOf);
    const branch = isSlug(environment) ? undefined : environment;
    return { slug: slugOf(environment), folder: cwd, repository, worktrees, ...defined({ branch }) };
  }
  const branch = nameOf(worktree);
  return { slug: slugOf(branch), folder: await sameFolderIn(worktree, cwd), repository, branch };
}

async function identifyOrExplain(cwd: string): Promise<Identity> {
  try {
    return await identify(cwd);
  } catch (error) {
    if (!(error instanceof CoppiceError) || !hasCode(error, 'COPPICE_NOT_A_REPOSITORY')) throw error;
    if (error.hint === repairHint) throw error;
    throw new CoppiceError('COPPICE_NOT_A_REPOSITORY', error.message, {
      hint: 'go to a worktree, or name the environment in full, as in `wt status app/slug`',
      cause: error,
    });
  }
}

/** A slug that somebody wrote means any branch that has it. */
function claimingBranch({ environment, as }: Target, { slug, branch }: Named): string | undefined {
  return as === undefined && environment !== slug ? branch : undefined;
}

/** Without a spec here: the one app of this repository that has such an environment. */
async function appWithEnvironment(slug: string, { repository }: Named, cwd: string): Promise<string> {
  const [specs, environments] = await Promise.all([appsHere(cwd), recordedWithSlug(slug)]);
  const mine = environments.filter((one) => isOf(repository, specs, one));
  const [only, ...others] = mine;
  if (only === undefined) throw await missingSpecError({ cwd, slug, specs, foreign: environments });
  if (others.length === 0) return only.app;
  const names = mine.map(({ app }) => environmentName(app, slug));
  throw new CoppiceError('COPPICE_AMBIGUOUS', `this repository has ${names.join(' and ')}`, {
    hint: `write one of these full names, as in \`wt status ${names[0]}\`, or go to the folder of the app`,
  });
}

function isOf(repository: string, specs: readonly AppSpec[], { app, owner }: RecordedEnvironment): boolean {
  if (owner !== undefined) return isSameRepository(owner.repository, repository);
  return specs.some((spec) => spec.app === app);
}

/** The apps of the worktree that a folder is in; none outside of a repository. */
async function appsHere(cwd: string): Promise<AppSpec[]> {
  const here: Identity | undefined = await identify(cwd).catch(() => undefined);
  return here ? appsIn(here.worktree) : [];
}

/** Undefined when git knows no such worktree, and outside of a repository. */
async function worktreeOf(environment: string, cwd: string): Promise<Worktree | undefined> {
  // An empty text, as from a variable that is not set, would be the path of this folder.
  return environment === '' ? undefined : findWorktreeOnly(await worktreesAt(cwd), environment, cwd);
}

async function worktreesAt(cwd: string): Promise<readonly Worktree[]> {
  try {
    return await listWorktrees(cwd);
  } catch (error) {
    if (hasCode(error, 'COPPICE_NOT_A_REPOSITORY')) return [];
    throw error;
  }
}

async function sameFolderIn(worktree: Worktree, cwd: string): Promise<string> {
  const here: Identity | undefined = await identify(cwd).catch(() => undefined);
  return here ? resolve(worktree.path, relative(here.worktree, cwd)) : worktree.path;
}
