import { dirname, join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Kube } from '../../cluster/kube/client.ts';
import { unlessGone } from '../../cluster/kube/client.ts';
import { defined } from '../../core/defined.ts';
import { readIfPresent } from '../../core/files.ts';
import { Annotation } from '../../core/labels.ts';
import { slugOf } from '../../core/names.ts';
import { filesNamed } from '../../git/files.ts';
import { listWorktrees, nameOf } from '../../git/worktrees.ts';
import { type EnvironmentOutputs, environmentContract } from '../../resources/environment/contract.ts';
import { temporalContract } from '../../resources/temporal-namespace/contract.ts';
import { databaseOf } from '../databases/kept-database.ts';
import { allStacks, readStack, resourceOf, type StackState } from '../engine/index.ts';
import type { MovedEnvironment } from './journal.ts';

/** An environment from its stack, without its worktree and whether it is stopped. */
export interface StackedEnvironment {
  readonly claim: EnvironmentOutputs;
  readonly managed: boolean;
  readonly temporal: boolean;
}

/** Every environment that was brought up and not down again, by app and name. */
export async function stackedEnvironments(): Promise<StackedEnvironment[]> {
  const found = await Promise.all(
    (await allStacks()).map(async (stack) => environmentIn(await readStack(stack))),
  );
  return found
    .flatMap((one) => one ?? [])
    .sort(({ claim: a }, { claim: b }) => a.app.localeCompare(b.app) || a.slug.localeCompare(b.slug));
}

/** The environment that a stack belongs to; undefined when it belongs to none. */
export function environmentIn(state: StackState | undefined): StackedEnvironment | undefined {
  const claim = resourceOf(state, environmentContract);
  if (claim === undefined) return undefined;
  return {
    claim,
    managed: databaseOf(state)?.server.kind === 'managed',
    temporal: resourceOf(state, temporalContract) !== undefined,
  };
}

/** Adds what git and the cluster report. `before`: journal of an interrupted run, which stopped some itself. */
export async function locate(
  { claim, managed }: StackedEnvironment,
  kube: Kube,
  before: readonly MovedEnvironment[] = [],
): Promise<MovedEnvironment> {
  const { app, slug, namespace, branch } = claim;
  const [specFolder, owner] = await Promise.all([
    specFolderOf(claim),
    unlessGone(kube.core.readNamespace({ name: namespace })),
  ]);
  const earlier = before.find((one) => one.namespace === namespace);
  const stopped = owner?.metadata?.annotations?.[Annotation.stopped] !== undefined;
  return {
    app,
    slug,
    namespace,
    branch,
    managed,
    stopped: stopped && earlier?.stopped !== false,
    ...defined({ specFolder }),
    ...(slugOf(branch) === slug ? {} : { as: slug }),
  };
}

/** The folder of an app's coppice.yaml in the worktree that has its branch now; undefined when there is none. */
async function specFolderOf({ app, repository, branch }: EnvironmentOutputs): Promise<string | undefined> {
  const worktrees = await listWorktrees(repository).catch(() => []);
  const worktree = worktrees.find(
    (one) => !one.bare && one.prunable === undefined && nameOf(one) === branch,
  )?.path;
  if (worktree === undefined) return undefined;
  for (const file of await filesNamed(worktree, 'coppice.yaml').catch(() => [])) {
    const path = join(worktree, file);
    if ((await nameIn(path)) === app) return dirname(path);
  }
  return undefined;
}

/** The app's name in a spec, even when something else in it is wrong. */
async function nameIn(specFile: string): Promise<unknown> {
  const text = await readIfPresent(specFile).catch(() => undefined);
  return text === undefined ? undefined : parseDocument(text).get('name');
}
