import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { paths, platformFiles } from '../../core/paths.ts';
import { environmentContract } from '../../resources/environment/contract.ts';
import { platformContract } from '../../resources/platform/contract.ts';
import {
  allStacks,
  readStack,
  removeStackFiles,
  type StackName,
  type StackResource,
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
export async function stacksOfCluster(): Promise<StackName[]> {
  const found = [];
  for (const stack of await allStacks()) {
    if (isOfCluster((await readStack(stack))?.resources ?? [])) found.push(stack);
  }
  return found;
}

/** Forgets every environment and the platform of a cluster that no longer exists: their stacks and records. */
export async function forgetEverything(): Promise<void> {
  const { data, environments } = paths();
  for (const stack of await stacksOfCluster()) await removeStackFiles(stack);
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
