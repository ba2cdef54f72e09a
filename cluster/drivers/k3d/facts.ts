import { connect } from 'node:net';
import { CoppiceError, hasCode, messageOf } from '../../../core/errors.ts';
import { type ApiTarget, callApi } from '../api.ts';
import { lastWords, outcomeOf, outputOf } from './command.ts';
import { askDockerInfo, type DockerInfo, PATIENCE_MS } from './docker-info.ts';

/** One container of the cluster, as Docker describes it. */
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
  /** Folders of this machine and Docker volumes that it sees, as `from:to`. */
  readonly binds: readonly string[];
}

export type EngineFacts =
  | { readonly answers: true; readonly id: string; readonly system: string; readonly version: string }
  | { readonly answers: false; readonly error: string };

/** What this machine reports about Docker and the cluster, without judgement. */
export interface Facts {
  /** Undefined if there is no command `docker`. */
  readonly engine: EngineFacts | undefined;
  /** Names of all clusters that k3d knows; undefined if it could not be queried. */
  readonly clusters: readonly string[] | undefined;
  /** The containers with k3d's label for our cluster's name. */
  readonly nodes: readonly NodeFacts[];
  /** Whether the API server answers; undefined if it was not queried, as nothing runs. */
  readonly api: { readonly answers: boolean; readonly error?: string } | undefined;
  /** Ports that the cluster needs and does not hold, and on which another program listens. */
  readonly taken: readonly number[];
  /** The engine in which the recorded cluster was created. */
  readonly recordedEngine: string | undefined;
}

export interface FactSources {
  /** Path of k3d, if it is installed. */
  readonly k3d: string | undefined;
  /** k3d's name of the cluster. */
  readonly cluster: string;
  readonly api: ApiTarget;
  /** Ports that a new cluster publishes on 127.0.0.1. */
  readonly ports: readonly number[];
  readonly recordedEngine: string | undefined;
}

/** States in which Docker listens on a container's ports; a paused one just does not answer. */
export const holdingPorts: readonly string[] = ['running', 'paused', 'restarting'];

export async function gatherFacts({ k3d, cluster, api, ports, recordedEngine }: FactSources): Promise<Facts> {
  const engine = await askEngine();
  const nothing = { clusters: undefined, nodes: [], api: undefined, taken: [], recordedEngine };
  if (!engine?.answers) return { ...nothing, engine };
  const [clusters, nodes] = await Promise.all([
    k3d === undefined ? undefined : listClusters(k3d),
    // An engine that cannot list its containers now, as it is just waking up, counts as not answering.
    inspectNodes(cluster).catch(messageOf),
  ]);
  if (typeof nodes === 'string') return { ...nothing, engine: { answers: false, error: nodes } };
  const running = nodes.some(({ role, state }) => role === 'server' && state === 'running');
  const free = nodes.filter(({ state }) => !holdingPorts.includes(state));
  const needed = nodes.length === 0 ? ports : free.flatMap((node) => node.ports.map(({ host }) => host));
  const [answer, taken] = await Promise.all([running ? askApi(api) : undefined, takenPorts(needed)]);
  return { engine, clusters, nodes, api: answer, taken, recordedEngine };
}

/** Undefined if there is no command `docker`. */
export async function askEngine(): Promise<EngineFacts | undefined> {
  const { failure, code, stdout, stderr } = await askDockerInfo();
  return hasCode(failure, 'ENOENT') ? undefined : engineFrom(code, stdout, stderr);
}

/** From what `docker info --format '{{json .}}'` printed, which is a document even if no engine answers. */
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
  const reason = [...errors, stderr].map((text) => text.trim()).find((text) => text !== '');
  return { answers: false, error: reason ?? `docker info ended with ${code} and said nothing` };
}

/** Names of the clusters that k3d knows, or undefined if it could not list them. */
export async function listClusters(k3d: string): Promise<string[] | undefined> {
  const { code, stdout } = await outcomeOf(k3d, ['cluster', 'list', '--output', 'json'], {
    timeout: PATIENCE_MS,
  });
  if (code !== 0) return undefined;
  return parsed<{ name: string }[]>(stdout)?.map(({ name }) => name);
}

/** Every container of the cluster, running or not. Throws COPPICE_COMMAND_FAILED if Docker could not list them. */
export async function inspectNodes(cluster: string): Promise<NodeFacts[]> {
  const filters = ['--filter', 'label=app=k3d', '--filter', `label=k3d.cluster=${cluster}`];
  const words = ['ps', '--all', '--quiet', '--no-trunc', ...filters];
  const ids = (await outputOf('docker', words, { timeout: PATIENCE_MS })).split('\n').filter(Boolean);
  if (ids.length === 0) return [];
  // If one is removed in between, docker fails but still prints the others.
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

/** From the output of `docker inspect` for containers. k3d's temporary tools container is not part of the cluster. */
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

/** The ports among them on which a program listens. */
export async function takenPorts(ports: readonly number[]): Promise<number[]> {
  const answers = await Promise.all(ports.map(isListening));
  return ports.filter((_, index) => answers[index]);
}

/** By connecting: an ordinary user may not bind port 80 to find out. */
function isListening(port: number): Promise<boolean> {
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
