import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { paths, platformFiles } from '../../core/paths.ts';
import { environmentContract } from '../../resources/environment/contract.ts';
import { platformContract } from '../../resources/platform/contract.ts';
import {
  allStacks,
  readStack,
  refuseProtected,
  removeStackFiles,
  type StackName,
  type StackResource,
  type StackState,
} from '../engine/index.ts';

const ours: readonly string[] = [environmentContract.token, platformContract.token];

/** Whether a stack belongs to our cluster: a user's own stack in this backend is left alone. */
export function isOfCluster(resources: readonly StackResource[]): boolean {
  return (
    resources.every(({ type }) => type.startsWith('pulumi:')) ||
    resources.some(({ type }) => ours.includes(type))
  );
}

/**
 * The stacks of our cluster. Throws COPPICE_DAMAGED where a damaged state has no whole copy: nobody knows whether it
 * belongs to the user alone.
 */
async function stacksOfCluster(): Promise<(readonly [StackName, StackState | undefined])[]> {
  const found = [];
  for (const stack of await allStacks()) {
    const state = await readStack(stack);
    if (isOfCluster(state?.resources ?? [])) found.push([stack, state] as const);
  }
  return found;
}

/**
 * Looks at all stacks before any is forgotten: what a team's program protects may exist outside of the cluster, and only
 * the stack knows it. Throws COPPICE_DAMAGED, COPPICE_PROTECTED.
 */
export async function requireForgettable(): Promise<void> {
  const stacks = await stacksOfCluster();
  refuseProtected(stacks.flatMap(([name, state]) => (state === undefined ? [] : [[name, state] as const])));
}

/** Forgets every environment and the platform of a cluster that no longer exists: their stacks and records. */
export async function forgetEverything(): Promise<void> {
  const { data, environments } = paths();
  for (const [stack] of await stacksOfCluster()) await removeStackFiles(stack);
  await rm(join(data, platformFiles.record), { force: true });
  await rm(join(data, platformFiles.parts), { force: true });
  for (const app of await readdir(environments).catch(() => [])) {
    for (const file of await readdir(join(environments, app))) {
      // Setup that ran in a worktree stays valid.
      if (!file.endsWith('.setup.json'))
        await rm(join(environments, app, file), { recursive: true, force: true });
    }
  }
}
