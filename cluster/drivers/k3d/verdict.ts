import type { Facts, NodeFacts } from './facts.ts';
import { membersLabel, type Names, ownerLabel, ownLabel } from './names.ts';
import type { Ports } from './ports.ts';

export type Situation =
  | 'docker-absent'
  | 'docker-denied'
  | 'docker-stopped'
  /** The recorded cluster was created in a Docker engine other than the one that answers. */
  | 'other-engine'
  | 'absent'
  | 'port-taken'
  /** A cluster of our name that coppice did not create. */
  | 'foreign'
  /** A cluster of our name that belongs to another user of the engine, or another data folder. */
  | 'another'
  /** Its creation was interrupted. */
  | 'unfinished'
  | 'node-missing'
  | 'stopped'
  | 'api-silent'
  /** It runs, with an image other than ours. */
  | 'older'
  /** It runs, created with settings other than the current ones. */
  | 'changed'
  /** It runs, without the image registry, which nothing of ours needs. */
  | 'no-registry'
  | 'running';

/**
 * What `start` does about it: `recreate` deletes what is left of the cluster and recreates it, `wake` waits and restarts.
 */
export type Remedy = 'create' | 'start' | 'recreate' | 'wake' | 'nothing' | 'refuse';

export interface Verdict {
  readonly situation: Situation;
  /** The situation in one sentence. */
  readonly sentence: string;
  /** The next command or action; absent if nothing is wrong. */
  readonly next?: string;
  readonly start: Remedy;
}

/** What the cluster should be. */
export interface Pins {
  readonly names: Pick<Names, 'cluster' | 'registry'>;
  /** Value of the owner's label on nodes that are ours. */
  readonly owner: string;
  readonly image: string;
  /** Value of our label on nodes that were created with the current settings. */
  readonly configLabel: string;
  readonly ports: Ports;
  readonly platform: NodeJS.Platform;
}

/** Judges the machine's facts from the outside in: Docker, the cluster's name, its containers, its API. */
export function verdict(facts: Facts, pins: Pins): Verdict {
  return (
    engineVerdict(facts, pins) ??
    nameVerdict(facts, pins) ??
    nodesVerdict(facts, pins) ??
    apiVerdict(facts) ??
    pinsVerdict(facts, pins) ?? {
      situation: 'running',
      sentence: 'the cluster runs and its API answers',
      start: 'nothing',
    }
  );
}

export function engineVerdict(
  { engine, recordedEngine }: Pick<Facts, 'engine' | 'recordedEngine'>,
  { platform }: Pick<Pins, 'platform'>,
): Verdict | undefined {
  if (engine === undefined) {
    return {
      situation: 'docker-absent',
      sentence: 'Docker is not installed here: there is no command `docker`',
      next: `install ${platform === 'linux' ? 'Docker Engine (https://docs.docker.com/engine/install)' : 'Docker Desktop or colima'}${platform === 'linux' ? ', or use `--driver embedded`, which needs no Docker' : ''}`,
      start: 'refuse',
    };
  }
  if (!engine.answers) return silentEngineVerdict(engine.error, platform);
  if (recordedEngine === undefined || recordedEngine === engine.id) return undefined;
  return {
    situation: 'other-engine',
    sentence: `your cluster was created in a different Docker engine than the one that answers now (${engine.system})`,
    next: 'point docker back to it (`docker context use NAME`, or DOCKER_HOST); if that engine is gone for good, run `wt cluster reset --forget`',
    start: 'refuse',
  };
}

function silentEngineVerdict(error: string, platform: NodeJS.Platform): Verdict {
  // Docker's first clause; the rest is the request that it made, or a question.
  const clause = error.split(/\n|\. |: Get /)[0] ?? '';
  if (/permission denied/i.test(error)) {
    return {
      situation: 'docker-denied',
      sentence: `Docker is running, but this user is not allowed to use it: ${clause}`,
      next:
        platform === 'linux'
          ? 'run `sudo usermod -aG docker "$USER"` and log in again'
          : 'start Docker as this user',
      start: 'refuse',
    };
  }
  return {
    situation: 'docker-stopped',
    sentence: `Docker is installed, but its engine does not answer: ${clause}`,
    next:
      platform === 'linux'
        ? 'run `sudo systemctl start docker` (Docker Desktop: `systemctl --user start docker-desktop`)'
        : 'start Docker Desktop, or run `colima start`',
    start: 'refuse',
  };
}

/** Who owns the containers with our cluster's name. */
export function ownership(
  nodes: readonly NodeFacts[],
  { names, owner }: Pick<Pins, 'names' | 'owner'>,
): 'nobody' | 'ours' | 'another' | 'foreign' {
  if (nodes.length === 0) return 'nobody';
  const owners = nodes.flatMap(({ labels }) => labels[ownerLabel] ?? []);
  if (owners.includes(owner)) return 'ours';
  if (owners.length > 0) return 'another';
  // The registry alone has no label of ours, and is what remains of a cluster that lost its nodes.
  return nodes.every(({ name }) => name === names.registry) ? 'ours' : 'foreign';
}

function nameVerdict({ nodes, taken }: Facts, pins: Pins): Verdict | undefined {
  if (nodes.length > 0) return ownershipVerdict(nodes, pins);
  return (
    takenPortVerdict(taken, pins) ?? {
      situation: 'absent',
      sentence: 'there is no cluster yet',
      next: 'run `wt cluster start`',
      start: 'create',
    }
  );
}

/** Judges a cluster of our name that is not ours; undefined if it is. */
export function ownershipVerdict(
  nodes: readonly NodeFacts[],
  pins: Pick<Pins, 'names' | 'owner'>,
): Verdict | undefined {
  const { cluster } = pins.names;
  switch (ownership(nodes, pins)) {
    case 'nobody':
    case 'ours':
      return undefined;
    case 'another':
      return {
        situation: 'another',
        sentence: `the k3d cluster \`${cluster}\` belongs to another user of this Docker engine, or to another data folder; it was not touched`,
        next: 'set a different `k3d.name`, `k3d.registryPort` and `ports` in the settings',
        start: 'refuse',
      };
    case 'foreign':
      return {
        situation: 'foreign',
        sentence: `the k3d cluster \`${cluster}\` was not created by coppice; it was not touched`,
        next: `if nobody needs it, run \`k3d cluster delete ${cluster}\`; otherwise set a different \`k3d.name\` in the settings`,
        start: 'refuse',
      };
  }
}

/** Judges the first taken port that a new cluster needs; undefined if none is. */
export function takenPortVerdict(
  taken: readonly number[],
  { ports }: Pick<Pins, 'ports'>,
): Verdict | undefined {
  const [port] = taken;
  if (port === undefined) return undefined;
  const setting = (Object.keys(ports) as (keyof typeof ports)[]).find((name) => ports[name] === port);
  const key = setting === 'registry' ? 'k3d.registryPort' : `ports.${setting}`;
  return {
    situation: 'port-taken',
    sentence: `port ${port} on this machine, which the cluster needs, is taken by another program`,
    next:
      setting === undefined ? 'stop that program' : `stop that program, or set \`${key}\` in the settings`,
    start: 'refuse',
  };
}

/** A stopped container's port was taken by another program since; Docker cannot change its published ports. */
export function blockedPortVerdict(taken: readonly number[], pins: Pick<Pins, 'ports'>): Verdict | undefined {
  const blocked = takenPortVerdict(taken, pins);
  return blocked && { ...blocked, next: 'stop that program, then run `wt cluster start`' };
}

/** Names of the cluster's containers that are missing. */
function missingMembers(nodes: readonly NodeFacts[]): string[] {
  const members = nodes.map(({ labels }) => labels[membersLabel]).find((label) => label !== undefined);
  // If the label is gone every node is gone, and only the registry is left.
  return (members?.split('+') ?? ['every node']).filter((name) => !nodes.some((node) => node.name === name));
}

function nodesVerdict({ nodes, taken }: Facts, pins: Pins): Verdict | undefined {
  // k3d writes what a container needs into it only before its first start, and undoes nothing when it is killed.
  if (nodes.some(({ state }) => state === 'created')) {
    return {
      situation: 'unfinished',
      sentence: 'the cluster was only partly created',
      next: 'run `wt cluster start`, which recreates the cluster; databases are kept',
      start: 'recreate',
    };
  }
  const lost = missingMembers(nodes).filter((name) => name !== pins.names.registry);
  if (lost.length > 0) {
    return {
      situation: 'node-missing',
      sentence: `the cluster is not complete: ${lost.join(', ')} ${lost.length === 1 ? 'is' : 'are'} missing`,
      next: 'run `wt cluster start`, which recreates the cluster; databases are kept, and `wt up` brings environments back',
      start: 'recreate',
    };
  }
  const still = nodes.filter(({ state }) => state !== 'running');
  if (still.length === 0) return undefined;
  const blocked = blockedPortVerdict(taken, pins);
  if (blocked !== undefined) return blocked;
  const all = still.length === nodes.length;
  return {
    situation: 'stopped',
    sentence: all
      ? 'the cluster is stopped'
      : `part of the cluster is not running: ${still.map(({ name, state }) => `${name} (${state})`).join(', ')}`,
    next: 'run `wt cluster start`',
    start: 'start',
  };
}

function apiVerdict({ api }: Facts): Verdict | undefined {
  if (api === undefined || api.answers) return undefined;
  return {
    situation: 'api-silent',
    sentence: `the cluster's containers are running, but its API does not answer: ${api.error ?? 'no reason given'}`,
    next: 'run `wt cluster start`, which waits a little, then restarts the containers',
    start: 'wake',
  };
}

function pinsVerdict({ nodes }: Facts, { image, configLabel, names }: Pins): Verdict | undefined {
  const ours = nodes.filter(({ labels }) => ownLabel in labels);
  const other = ours.find((node) => ['server', 'agent'].includes(node.role) && node.image !== image);
  const advice =
    'to recreate it run `wt cluster start --recreate`; databases are kept, and `wt up` brings environments back';
  if (other !== undefined) {
    return {
      situation: 'older',
      sentence: `the cluster runs ${other.image}, but this version of coppice expects ${image}`,
      next: advice,
      start: 'nothing',
    };
  }
  const asNow = ours.every(({ labels }) => labels[ownLabel] === configLabel);
  if (asNow && !missingMembers(nodes).includes(names.registry)) return undefined;
  if (asNow) {
    return {
      situation: 'no-registry',
      sentence: `the cluster runs without its image registry: ${names.registry} is missing`,
      next: advice,
      start: 'nothing',
    };
  }
  return {
    situation: 'changed',
    sentence: 'the cluster was created with other settings (nodes, roots or ports) than the current ones',
    next: advice,
    start: 'nothing',
  };
}

/** Whether the cluster can be used as it is. */
export function isUsable({ situation }: Pick<Verdict, 'situation'>): boolean {
  return ['running', 'older', 'changed', 'no-registry'].includes(situation);
}
