import { outputOf } from './command.ts';
import type { NodeFacts } from './facts.ts';

/** References of the images that every node has. */
export async function presentImages(nodes: readonly NodeFacts[]): Promise<string[]> {
  const lists = await Promise.all(
    nodes
      .filter(({ role }) => role === 'server' || role === 'agent')
      .map(async ({ name }) => {
        const listed = ['exec', name, 'ctr', '--namespace', 'k8s.io', 'images', 'list', '--quiet'];
        return (await outputOf('docker', listed)).split('\n').filter(Boolean);
      }),
  );
  const [first = [], ...others] = lists;
  return first.filter((reference) => others.every((list) => list.includes(reference)));
}

/** Gives archives to all nodes, without the detour through the image that k3d keeps for it. */
export async function importArchives(
  k3d: string,
  cluster: string,
  archives: readonly string[],
): Promise<void> {
  if (archives.length === 0) return;
  await outputOf(k3d, ['image', 'import', '--mode', 'direct', '--cluster', cluster, ...archives]);
}
