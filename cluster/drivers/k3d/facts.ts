import { connect } from 'node:net';
import { CoppiceError, hasCode, messageOf } from '../../../core/errors.ts';
import { type ApiTarget, callApi } from '../api.ts';
import { lastWords, outcomeOf, outputOf } from './command.ts';
import { askDockerInfo, type DockerInfo, PATIENCE_MS } from './docker-info.ts';

/** One container of the cluster, as Docker tells of it. */
export interface NodeFacts {
  /** `k3d-coppice-server-0` */
  readonly name: string;
  /** `server`, `agent`, `loadbalancer`, `registry` */
  readonly role: string;
  readonly image: string;
  /** Docker's word: `running`, `exited`, `paused`, `restarting` and so on. */
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Ports of the container that are published on this machine. */
  readonly ports: readonly { readonly container: number; readonly host: number }[];
  /** Folders of this machine and volumes of Docker that it sees, as `from:to`. */
  readonly binds: readonly string[];
}

export type EngineFacts =
  | { readonly answers: true; readonly id: string; readonly system: string; readonly version: string }
  | { readonly answers: false; readonly error: string };

/** What this machine says of Docker and of the cluster, without any judgement. */
export interface Facts {
  /** Undefined where there is no command `docker`. */
  readonly engine: EngineFacts | undefined;
  /** Names of all clusters that k3d knows; undefined where it could not be asked. */
  readonly clusters: readonly string[] | undefined;
  /** The containers with k3d's label of our cluster's name. */
  readonly nodes: readonly NodeFacts[];
  /** Whether the API server answers; undefined where nobody asked, as nothing runs. */
  readonly api: { readonly answers: boolean; readonly error?: string } | undefined;
  /** Of the ports that the cluster needs and does not hold, those on which somebody else listens. */
  readonly taken: readonly number[];
  /** The engine that the recorded cluster was made in. */
  readonly recordedEngine: string | undefined;
}

export interface FactSources {
  /** Path of k3d, where it is there. */
  readonly k3d: string | undefined;
  /** k3d's name of the cluster. */
  readonly cluster: string;
  readonly api: ApiTarget;
  /** Ports that a new cluster publishes on 127.0.0.1. */
  readonly ports: readonly number[];
  readonly recordedEngine: string | undefined;
}

/** States of a container in which Docker listens on its ports; a paused one only does not answer. */
export const holdingPorts: readonly string[] = ['running', 'paused', 'restarting'];

export async function gatherFacts({ k3d, cluster, api, ports, recordedEngine }: FactSources): Promise<Facts> {
  const engine = await askEngine();
  const nothing = { clusters: undefined, nodes: [], api: undefined, taken: [], recordedEngine };
  if (!engine?.answers) return { ...nothing, engine };
  const [clusters, nodes] = await Promise.all([
    k3d === undefined ? undefined : listClusters(k3d),
    // One that cannot list its containers now, as it is just waking up, is one that does not answer.
    inspectNodes(cluster).catch(messageOf),
  ]);
  if (typeof nodes === 'string') return { ...nothing, engine: { answers: false, error: nodes } };
  const running = nodes.some(({ role, state }) => role === 'server' && state === 'running');
  const free = nodes.filter(({ state }) => !holdingPorts.includes(state));
  const needed = nodes.length === 0 ? ports : free.flatMap((node) => node.ports.map(({ host }) => host));
  const [answer, taken] = await Promise.all([running ? askApi(api) : undefined, takenOf(needed)]);
  return { engine, clusters, nodes, api: answer, taken, recordedEngine };
}

/** Undefined where there is no command `docker`. */
export async function askEngine(): Promise<EngineFacts | undefined> {
  const { failure, code, stdout, stderr } = await askDockerInfo();
  return hasCode(failure, 'ENOENT') ? undefined : engineFrom(code, stdout, stderr);
}

/** From what `docker info --format '{{json .}}'` printed: it has a document for us even where no engine answers. */
export function engineFrom(code: number, stdout: string, stderr: string): EngineFacts {
  const info = parsed<DockerInfo>(stdout);
  const errors = info?.ServerErrors ?? [];
  if (info?.ID && errors.length === 0) {
    return {
      answers: true,
      id: info.ID,
      system: info.OperatingSystem ?? '',
      version: info.ServerVersion ?? '',
    };
  }
  const said = [...errors, stderr].map((text) => text.trim()).find((text) => text !== '');
  return { answers: false, error: said ?? `docker info ended with ${code} and said nothing` };
}

/** Names of the clusters that k3d knows, or undefined when it could not say. */
export async function listClusters(k3d: string): Promise<string[] | undefined> {
  const { code, stdout } = await outcomeOf(k3d, ['cluster', 'list', '--output', 'json'], {
    timeout: PATIENCE_MS,
  });
  if (code !== 0) return undefined;
  return parsed<{ name: string }[]>(stdout)?.map(({ name }) => name);
}

/** Every container of the cluster, running or not. Throws COPPICE_COMMAND_FAILED where Docker could not say. */
export async function inspectNodes(cluster: string): Promise<NodeFacts[]> {
  const filters = ['--filter', 'label=app=k3d', '--filter', `label=k3d.cluster=${cluster}`];
  const words = ['ps', '--all', '--quiet', '--no-trunc', ...filters];
  const ids = (await outputOf('docker', words, { timeout: PATIENCE_MS })).split('\n').filter(Boolean);
  if (ids.length === 0) return [];
  // One that goes away meanwhile is an error to docker, which prints the others all the same.
  const inspected = await outcomeOf('docker', ['inspect', '--type', 'container', ...ids], {
    timeout: PATIENCE_MS,
  });
  if (inspected.code === 0 || /no such (container|object)/i.test(inspected.stderr))
    return nodesFrom(inspected.stdout);
  throw new CoppiceError('COPPICE_COMMAND_FAILED', `docker inspect: ${lastWords(inspected.stderr)}`);
}

interface Inspected {
  readonly Name: string;
  readonly State: { readonly Status: string };
  readonly Config: { readonly Image: string; readonly Labels: Readonly<Record<string, string>> | null };
  readonly HostConfig: {
    readonly Binds: readonly string[] | null;
    readonly PortBindings: Readonly<Record<string, readonly { readonly HostPort: string }[] | null>> | null;
  };
}

/** From what `docker inspect` printed of containers. The tools container that k3d uses for a moment is no part of it. */
export function nodesFrom(stdout: string): NodeFacts[] {
  return (parsed<Inspected[]>(stdout) ?? [])
    .map(({ Name, State, Config, HostConfig }) => {
      const labels = Config.Labels ?? {};
      return {
        name: Name.replace(/^\//, ''),
        role: labels['k3d.role'] ?? '',
        image: Config.Image,
        state: State.Status,
        labels,
        ports: Object.entries(HostConfig.PortBindings ?? {}).flatMap(([container, bindings]) =>
          (bindings ?? []).map(({ HostPort }) => ({
            container: Number.parseInt(container, 10),
            host: Number(HostPort),
          })),
        ),
        binds: HostConfig.Binds ?? [],
      };
    })
    .filter(({ role }) => role !== 'noRole')
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function askApi(target: ApiTarget): Promise<NonNullable<Facts['api']>> {
  try {
    const { status, body } = await callApi(target, '/readyz', { timeout: 3_000 });
    return status === 200
      ? { answers: true }
      : { answers: false, error: `it answered ${status} ${body.trim().slice(0, 80)}` };
  } catch (error) {
    return { answers: false, error: messageOf(error) };
  }
}

/** Those of the ports on which somebody listens. */
export async function takenOf(ports: readonly number[]): Promise<number[]> {
  const answers = await Promise.all(ports.map(somebodyListens));
  return ports.filter((_, index) => answers[index]);
}

/** By connecting: an ordinary user may not bind port 80 to find out. */
function somebodyListens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1_000 });
    const end = (listens: boolean) => {
      socket.destroy();
      resolve(listens);
    };
    socket.on('connect', () => end(true));
    socket.on('timeout', () => end(false));
    socket.on('error', () => end(false));
  });
}

function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
