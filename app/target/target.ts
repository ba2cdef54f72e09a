import { dirname, relative, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { findSpec } from '../../config/spec/find.ts';
import { defined } from '../../core/defined.ts';
import { CoppiceError, hasCode } from '../../core/errors.ts';
import { readIfPresent } from '../../core/files.ts';
import type { Identity } from '../../core/identity.ts';
import { isName, isSlug, namespaceName, slugOf } from '../../core/names.ts';
import { identify } from '../../git/identity.ts';
import { findWorktree, listWorktrees, nameOf, type Worktree } from '../../git/worktrees.ts';
import { projectsWithStack } from '../engine/index.ts';

/** The environment that is meant: this worktree's, or that of a branch, a slug or a path; or a name from `--as`. */
export interface Target {
  readonly environment?: string;
  readonly as?: string;
}

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
}

/** The folder of the worktree that a target means, at the same place below its top as `cwd` is below its own. */
export async function folderOf(target: Target, cwd: string): Promise<string> {
  if (target.environment === undefined) return cwd;
  const worktree = await worktreeOf(target.environment, cwd);
  if (!worktree) throw noWorktreeError(target.environment);
  return sameFolderIn(worktree, cwd);
}

/**
 * The environment that a target means. Works without a worktree, and with a broken or missing spec: then the stacks
 * show which app has an environment with that name. Throws COPPICE_NO_ENVIRONMENT, and what git and names throw.
 */
export async function nameEnvironment(target: Target, cwd: string): Promise<EnvironmentName> {
  const named = await nameFromGit(target, cwd);
  const slug = target.as ?? named.slug;
  if (!isSlug(slug)) throw new CoppiceError('COPPICE_SLUG', `"${slug}" cannot be the name of an environment`);
  const spec = await specIn(named.folder);
  const app = spec?.app ?? (await specIn(cwd))?.app ?? (await appWithStack(slug));
  const branch = target.as === undefined ? named.branch : undefined;
  return {
    app,
    slug,
    namespace: namespaceName(app, slug),
    ...defined({ branch }),
    ...(spec === undefined ? {} : { specFolder: spec.folder }),
  };
}

interface Named {
  readonly slug: string;
  readonly folder: string;
  readonly branch?: string;
}

async function nameFromGit({ environment, as }: Target, cwd: string): Promise<Named> {
  if (environment === undefined) {
    if (as !== undefined) return { slug: as, folder: cwd };
    const { branch } = await identify(cwd);
    return { slug: slugOf(branch), folder: cwd, branch };
  }
  const worktree = await worktreeOf(environment, cwd);
  if (!worktree) return { slug: slugOf(environment), folder: cwd };
  const branch = nameOf(worktree);
  return { slug: slugOf(branch), folder: await sameFolderIn(worktree, cwd), branch };
}

/** Undefined when git knows no such worktree, and outside of a repository. */
async function worktreeOf(environment: string, cwd: string): Promise<Worktree | undefined> {
  let worktrees: readonly Worktree[];
  try {
    worktrees = await listWorktrees(cwd);
  } catch (error) {
    if (hasCode(error, 'COPPICE_NOT_A_REPOSITORY')) return undefined;
    throw error;
  }
  return findWorktree(worktrees, environment, cwd);
}

async function sameFolderIn(worktree: Worktree, cwd: string): Promise<string> {
  const here: Identity | undefined = await identify(cwd).catch(() => undefined);
  return here ? resolve(worktree.path, relative(here.worktree, cwd)) : worktree.path;
}

/** The app's name in the nearest spec, even when something else in it is wrong. */
async function specIn(
  folder: string,
): Promise<{ readonly app: string; readonly folder: string } | undefined> {
  try {
    const file = await findSpec(folder);
    const name: unknown = parseDocument((await readIfPresent(file)) ?? '').get('name');
    return typeof name === 'string' && isName(name) ? { app: name, folder: dirname(file) } : undefined;
  } catch {
    return undefined;
  }
}

async function appWithStack(slug: string): Promise<string> {
  const apps = await projectsWithStack(slug);
  const [app, ...others] = apps.filter((name) => name !== 'coppice');
  if (app !== undefined && others.length === 0) return app;
  if (app === undefined) throw noEnvironmentError(slug);
  throw new CoppiceError(
    'COPPICE_AMBIGUOUS',
    `${[app, ...others].join(' and ')} have an environment ${slug}`,
    {
      hint: 'run this in a folder of the app',
    },
  );
}

function noEnvironmentError(slug: string): CoppiceError {
  return new CoppiceError(
    'COPPICE_NO_ENVIRONMENT',
    `there is no environment ${slug}, and no coppice.yaml here`,
    {
      hint: 'go to a worktree of the app, or run `wt init`',
    },
  );
}

function noWorktreeError(environment: string): CoppiceError {
  return new CoppiceError('COPPICE_NO_WORKTREE', `this repository has no worktree ${environment}`, {
    hint: `git worktree list shows them; git worktree add ../${slugOf(environment)} ${environment} creates one`,
  });
}
