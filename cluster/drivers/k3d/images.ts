import { messageOf } from '../../../core/errors.ts';
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

/** On a machine with other work three in a row were seen to fail; what a failed attempt imported is there already. */
const ATTEMPTS = 8;
/** k3d's message when the node had read the whole archive and closed the connection before k3d finished sending. */
const hungUp = /use of closed network connection|read\/write on closed pipe/;

/** Imports archives into all nodes, without k3d's detour through its tools image. Throws COPPICE_COMMAND_FAILED. */
export async function importArchives(
  k3d: string,
  cluster: string,
  archives: readonly string[],
): Promise<void> {
  if (archives.length === 0) return;
  const words = ['image', 'import', '--mode', 'direct', '--cluster', cluster, ...archives];
  for (let attempt = 1; ; attempt++) {
    try {
      await outputOf(k3d, words);
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || !hungUp.test(messageOf(error))) throw error;
    }
  }
}
