import { join } from 'node:path';
import { dumpsFolder } from '../../../state/dumps.ts';
import type { DriverContext } from '../../driver.ts';
import { answersAsRegistry } from '../../images/registry.ts';
import type { Check } from '../check.ts';
import { freeBytes } from '../embedded/preflight.ts';
import { nameCheck } from '../local-names.ts';
import { userHome, userPaths } from '../user-paths.ts';
import { outcomeOf } from './command.ts';
import { askDockerMachine, type DockerMachine } from './docker-machine.ts';
import { gatherFacts, type NodeFacts } from './facts.ts';
import { eventsChecks, type RootsSeen, rootsCheck } from './folder-judgements.ts';
import { ownRecord } from './index.ts';
import { diskCheck, dockerCheck, freeFrom, sizeCheck } from './machine-judgements.ts';
import { unseenRoots } from './mountable.ts';
import { mountedRoots } from './mounted-roots.ts';
import { dataFolder, namesOf, ownerOf } from './names.ts';
import { failing, networkChecks } from './port-judgements.ts';
import { portsOf } from './ports.ts';
import { sharedFolders } from './record.ts';
import { rootProblem } from './roots.ts';
import { type Sharing, sharingOf } from './shared-folders.ts';
import { ofEngine, ownership } from './verdict.ts';

/** What `wt doctor` says about Docker as a home of the cluster. Changes nothing. */
export async function clusterChecks({ settings }: Pick<DriverContext, 'settings'>): Promise<Check[]> {
  const { data, clusterRecord } = userPaths();
  const names = namesOf(settings.k3d.name);
  const pins = { names, owner: ownerOf(data) };
  const { cluster, context } = names;
  const recorded = await ownRecord(clusterRecord, names);
  const [machine, facts] = await Promise.all([
    askDockerMachine(),
    gatherFacts({
      k3d: undefined,
      cluster,
      api: { kubeconfig: join(data, `${context}.kubeconfig`), context },
      ports: Object.values(portsOf(settings)),
      recordedEngine: recorded?.engine,
    }),
  ]);
  const engine = ofEngine(facts, process);
  if (engine !== undefined) return [{ name: 'Docker', ...failing(engine) }];
  if (machine === undefined) return [unreadable];
  if (machine.kind === 'remote' || machine.osType !== 'linux') return [dockerCheck(machine)];
  const server = facts.nodes.find(({ role, state }) => role === 'server' && state === 'running');
  const node = server !== undefined && ownership(facts.nodes, pins) === 'ours' ? server.name : undefined;
  const sharing = await sharingOf(machine);
  const chosen = mountedRoots(settings.k3d.roots ?? [userHome()], dumpsFolder(data));
  return [
    dockerCheck(machine),
    sizeCheck(machine),
    diskCheck(machine, await freeIn(machine, node)),
    rootsCheck(machine, await rootsSeen(node, facts.nodes, chosen, sharing)),
    ...eventsChecks(machine.kind, sharing),
    ...(await networkChecks(machine.kind, facts, settings, pins, registryAnswers)),
    await nameCheck(),
  ];
}

const unreadable: Check = {
  name: 'Docker',
  ok: false,
  detail: 'what `docker info` prints cannot be read',
  fix: 'Run: docker info',
};

/** Of a machine of our own the file system knows, in a virtual machine only who runs there. */
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
  chosen: readonly string[],
  sharing: Sharing,
): Promise<RootsSeen & { readonly sharing: Sharing }> {
  if (node !== undefined) {
    const roots = sharedFolders(nodes);
    const [root] = await unseenRoots(node, roots);
    const problem = root === undefined ? {} : { problem: { root, why: 'is an empty folder for the nodes' } };
    return { roots, tried: true, sharing, ...problem };
  }
  const bad = chosen
    // The folder of the dumps is made with the cluster.
    .flatMap((root) => ({
      root,
      why: rootProblem(root, root === dumpsFolder(userPaths().data) ? () => true : undefined),
    }))
    .find((one): one is { root: string; why: string } => one.why !== undefined);
  return { roots: chosen, tried: false, sharing, ...(bad === undefined ? {} : { problem: bad }) };
}

const registryAnswers = (port: number) => answersAsRegistry(`http://127.0.0.1:${port}/v2/`);
