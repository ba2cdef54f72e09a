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
import { diskCheck, dockerCheck, freeFrom, sizeCheck } from './machine-judgements.ts';
import { unseenRoots } from './mountable.ts';
import { mountedRoots } from './mounted-roots.ts';
import { dataFolder, namesOf, ownerOf } from './names.ts';
import { portsCheck, registryCheck } from './port-judgements.ts';
import { sharedFolders } from './record.ts';
import { rootProblem } from './roots.ts';
import { type Sharing, sharingOf } from './shared-folders.ts';
import { type Pins, type Verdict, verdict } from './verdict.ts';

/** What `wt doctor` says about Docker as a home of the cluster. Changes nothing. */
export async function clusterChecks({ settings }: Pick<DriverContext, 'settings'>): Promise<Check[]> {
  const { data } = userPaths();
  const { http, https, postgres, temporal } = settings.ports;
  const ports = { http, https, postgres, temporal, registry: settings.k3d.registryPort };
  const names = namesOf(settings.k3d.name);
  const { cluster, context } = names;
  const api = { kubeconfig: join(data, `${context}.kubeconfig`), context };
  const [machine, facts] = await Promise.all([
    askDockerMachine(),
    gatherFacts({ k3d: undefined, cluster, api, ports: Object.values(ports), recordedEngine: undefined }),
  ]);
  const pins: Pins = {
    names,
    owner: ownerOf(data),
    image: '',
    madeFrom: '',
    ports,
    platform: process.platform,
  };
  const judged = verdict(facts, pins);
  if (machine === undefined) return [silentCheck(judged)];
  if (machine.kind === 'remote' || machine.osType !== 'linux') return [dockerCheck(machine)];
  const server = facts.nodes.find(({ role }) => role === 'server');
  const node = server?.state === 'running' ? server.name : undefined;
  const sharing = await sharingOf(machine);
  const chosen = mountedRoots(settings.k3d.roots ?? [userHome()], dumpsFolder(data));
  return [
    dockerCheck(machine),
    sizeCheck(machine),
    diskCheck(machine, await freeIn(machine, node)),
    rootsCheck(machine, await rootsSeen(node, facts.nodes, chosen, sharing)),
    ...eventsChecks(machine.kind, sharing),
    portsCheck(machine.kind, Object.values(ports), facts.taken, judged, node !== undefined),
    ...(node === undefined ? [] : [registryCheck(ports.registry, await registryAnswers(ports.registry))]),
    await nameCheck(),
  ];
}

/** Where no engine answers the judgement of the cluster is one of Docker, with what to do about it. */
function silentCheck({ sentence, next }: Verdict): Check {
  return { name: 'Docker', ok: false, detail: sentence, ...(next === undefined ? {} : { fix: next }) };
}

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
