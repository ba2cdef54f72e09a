import type { Kube } from '../../cluster/kube/client.ts';
import { defined } from '../../core/defined.ts';
import { CoppiceError } from '../../core/errors.ts';
import { Annotation, Label, managedBy } from '../../core/labels.ts';
import { slugOf } from '../../core/names.ts';
import type { ExistingEnvironment, Owner } from '../../core/owner.ts';
import { listWorktrees, nameOf, type Worktree } from '../../git/worktrees.ts';
import { allStacks, readStack } from '../engine/index.ts';

/** Sources for what exists; each throws when it does not answer. */
export interface Witnesses {
  readonly stacks: () => Promise<readonly ExistingEnvironment[]>;
  readonly namespaces: () => Promise<readonly ExistingEnvironment[]>;
  readonly worktrees: (repository: string) => Promise<readonly Worktree[]>;
}

/**
 * The environments that exist, from their stacks, their namespaces, and the worktrees of every repository that these or
 * the marks on a shared server name. An unreadable repository may be on an unmounted disk, or belong to another user:
 * its environments count as existing. Undefined when stacks, cluster or git do not answer: then nothing is an orphan.
 */
export async function existingEnvironments(
  marked: readonly Owner[],
  witnesses: Witnesses,
): Promise<ExistingEnvironment[] | undefined> {
  try {
    const [stacks, namespaces] = await Promise.all([witnesses.stacks(), witnesses.namespaces()]);
    const owners: readonly ExistingEnvironment[] = [...marked, ...namespaces];
    const repositories = new Set(owners.flatMap(({ repository }) => repository ?? []));
    const worktrees = await Promise.all(
      [...repositories].map((repository) =>
        inWorktrees(
          repository,
          owners.filter((owner) => owner.repository === repository),
          witnesses,
        ),
      ),
    );
    return [...stacks, ...namespaces, ...worktrees.flat()];
  } catch {
    return undefined;
  }
}

/**
 * The environments that were brought up and not removed, from their stacks and their namespaces; a worktree alone does
 * not count. Undefined when one of the two does not answer: then nothing is an orphan.
 */
export async function broughtUpEnvironments({
  stacks,
  namespaces,
}: Pick<Witnesses, 'stacks' | 'namespaces'>): Promise<ExistingEnvironment[] | undefined> {
  try {
    return (await Promise.all([stacks(), namespaces()])).flat();
  } catch {
    return undefined;
  }
}

/** Every app of a repository could have an environment in each of its worktrees. */
async function inWorktrees(
  repository: string,
  owners: readonly ExistingEnvironment[],
  { worktrees }: Witnesses,
): Promise<ExistingEnvironment[]> {
  let found: readonly Worktree[];
  try {
    found = await worktrees(repository);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return owners.map(({ app, environment }) => ({ app, environment, repository }));
  }
  const apps = new Set(owners.map(({ app }) => app));
  return found
    .filter(({ bare, prunable }) => !bare && prunable === undefined)
    .flatMap((worktree) =>
      [...apps].map((app) => ({ app, environment: slugOf(nameOf(worktree)), repository })),
    );
}

/** A git error about one repository does not affect others; without git nothing is known at all. */
function isUnreadable(error: unknown): boolean {
  return error instanceof CoppiceError && error.code !== 'COPPICE_NO_GIT';
}

/** The real ones: Pulumi's state on this machine, the cluster, git. */
export function witnessesOf(kube: Kube): Witnesses {
  return {
    stacks: stacksWithResources,
    namespaces: () => environmentsIn(kube),
    worktrees: listWorktrees,
  };
}

async function stacksWithResources(): Promise<ExistingEnvironment[]> {
  const stacks = (await allStacks()).filter(({ project }) => project !== 'coppice');
  const found = await Promise.all(
    stacks.map(async (stack) => {
      // What a damaged state names may exist.
      const resources = (await readStack(stack).catch(() => undefined))?.resources;
      return resources?.length === 0 ? [] : [{ app: stack.project, environment: stack.stack }];
    }),
  );
  return found.flat();
}

async function environmentsIn(kube: Kube): Promise<ExistingEnvironment[]> {
  const { items } = await kube.core.listNamespace({
    labelSelector: `${Label.managedBy}=${managedBy},${Label.environment}`,
  });
  return items.flatMap(({ metadata }) => {
    const { [Label.app]: app, [Label.environment]: environment } = metadata?.labels ?? {};
    const repository = metadata?.annotations?.[Annotation.repository];
    if (app === undefined || environment === undefined) return [];
    return [{ app, environment, ...defined({ repository }) }];
  });
}
