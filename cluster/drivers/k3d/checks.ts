import type { Check } from '../../../core/check.ts';
import { defined } from '../../../core/defined.ts';
import type { DriverContext } from '../../driver.ts';
import { answersAsRegistry } from '../../images/registry.ts';
import { freeBytes } from '../embedded/preflight.ts';
import { nameCheck } from '../local-names.ts';
import { outcomeOf } from './command.ts';
import { askDockerMachine, type DockerMachine } from './docker-machine.ts';
import type { NodeFacts } from './facts.ts';
import { eventsChecks, type RootsSeen, rootsCheck } from './folder-judgements.ts';
import { diskCheck, dockerCheck, freeFrom, sizeCheck } from './machine-judgements.ts';
import { unseenRoots } from './mountable.ts';
import { dataFolder } from './names.ts';
import { failing, networkChecks } from './port-judgements.ts';
import { sharedFolders } from './record.ts';
import { rootProblem } from './roots.ts';
import { type Sharing, sharingOf } from './shared-folders.ts';
import { inspectSurroundings, type Surroundings, surroundingsOf } from './surroundings.ts';
import { engineVerdict, ownership } from './verdict.ts';

/** The checks of `wt doctor` for a cluster in Docker. Changes nothing. */
export async function clusterChecks({ settings }: Pick<DriverContext, 'settings'>): Promise<Check[]> {
  const surroundings = surroundingsOf(settings);
  const [machine, facts] = await Promise.all([
    askDockerMachine(),
    inspectSurroundings(surroundings, undefined),
  ]);
  const engine = engineVerdict(facts, process);
  if (engine !== undefined) return [{ name: 'Docker', ...failing(engine) }];
  if (machine === undefined) return [unreadable];
  if (machine.kind === 'remote' || machine.osType !== 'linux') return [dockerCheck(machine)];
  const server = facts.nodes.find(({ role, state }) => role === 'server' && state === 'running');
  const node =
    server !== undefined && ownership(facts.nodes, surroundings) === 'ours' ? server.name : undefined;
  const sharing = await sharingOf(machine);
  return [
    dockerCheck(machine),
    sizeCheck(machine),
    diskCheck(machine, await freeIn(machine, node)),
    rootsCheck(machine, await rootsSeen(node, facts.nodes, surroundings, sharing)),
    ...eventsChecks(machine.kind, sharing),
    ...(await networkChecks(machine.kind, facts, settings, surroundings, registryAnswers)),
    await nameCheck(),
  ];
}

const unreadable: Check = {
  name: 'Docker',
  ok: false,
  detail: 'what `docker info` prints cannot be read',
  fix: 'run `docker info`',
};

/** On our own machine the file system knows; inside a virtual machine only a container there does. */
async function freeIn(
  { kind, dataRoot }: DockerMachine,
  node: string | undefined,
): Promise<number | undefined> {
  if (kind === 'linux') return freeBytes(dataRoot).catch(() => undefined);
  if (node === undefined) return undefined;
  return freeFrom((await outcomeOf('docker', ['exec', node, 'df', '-P', '-k', dataFolder])).stdout);
}

async function rootsSeen(
  node: string | undefined,
  nodes: readonly NodeFacts[],
  { roots: chosen, dumps }: Pick<Surroundings, 'roots' | 'dumps'>,
  sharing: Sharing,
): Promise<RootsSeen & { readonly sharing: Sharing }> {
  if (node !== undefined) {
    const roots = sharedFolders(nodes);
    const [root] = await unseenRoots(node, roots);
    const problem = root === undefined ? {} : { problem: { root, why: 'appears empty to the nodes' } };
    return { roots, tried: true, sharing, ...problem };
  }
  const bad = chosen
    // The folder of the dumps is created with the cluster.
    .flatMap((root) => ({
      root,
      why: rootProblem(root, root === dumps ? () => true : undefined),
    }))
    .find((one): one is { root: string; why: string } => one.why !== undefined);
  return { roots: chosen, tried: false, sharing, ...defined({ problem: bad }) };
}

const registryAnswers = (port: number) => answersAsRegistry(`http://127.0.0.1:${port}/v2/`);
