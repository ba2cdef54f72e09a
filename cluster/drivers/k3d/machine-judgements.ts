import type { Check } from '../../../core/check.ts';
import { type DockerMachine, type EngineKind, engineNames } from './docker-machine.ts';

export function dockerCheck({ kind, version, system, osType, context, endpoint }: DockerMachine): Check {
  const name = 'Docker';
  const where =
    system === engineNames[kind] || kind === 'linux' ? system : `${engineNames[kind]} (${system})`;
  const detail = `${version} on ${where}, context ${context} (${endpoint})`;
  if (kind === 'remote') {
    return {
      name,
      ok: false,
      detail: `${detail}: its nodes cannot mount the worktrees of this machine`,
      fix: 'run `docker context use NAME` with an engine on this machine, or unset DOCKER_HOST',
    };
  }
  if (osType === 'linux') return { name, ok: true, detail };
  const fix = 'switch Docker to Linux containers';
  return { name, ok: false, detail: `${detail}, for containers of ${osType}`, fix };
}

const GIB = 1024 ** 3;
/**
 * In a virtual machine of 4 GB, whose own kernel takes the rest. Kubernetes and the platform take 0.7
 * (bench/results/memory.json), PostgreSQL and Temporal come on top, and then environments.
 */
const neededMemory = 3.5 * GIB;
const neededCpus = 2;

export function sizeCheck({ kind, cpus, memory }: Pick<DockerMachine, 'kind' | 'cpus' | 'memory'>): Check {
  const name = "Docker's machine";
  const detail = `${cpus} CPUs, ${(memory / GIB).toFixed(1)} GiB of memory`;
  if (cpus >= neededCpus && memory >= neededMemory) return { name, ok: true, detail };
  return {
    name,
    ok: false,
    detail: `${detail}: too little for a cluster with databases, which needs at least ${neededCpus} CPUs and 4 GB`,
    fix: howToGrow[kind],
  };
}

const howToGrow: Readonly<Record<EngineKind, string>> = {
  linux: 'run it on a machine that has more, or stop what uses the memory',
  'docker-desktop': 'in Docker Desktop: Settings, Resources, Advanced; 4 CPUs and 8 GB are a good start',
  colima: 'run `colima stop`, then `colima start --cpu 4 --memory 8`',
  orbstack: "raise the memory and CPU limits in OrbStack's settings",
  'rancher-desktop': "raise the virtual machine's memory and CPUs in Rancher Desktop's preferences",
  'virtual-machine': 'give the virtual machine that runs Docker more CPUs and memory',
  remote: 'use an engine on this machine',
};

const neededDisk = 4 * GIB;

/** `free`: bytes where Docker keeps its data, undefined if unknown. */
export function diskCheck({ kind, dataRoot }: DockerMachine, free: number | undefined): Check {
  const name = 'disk';
  if (free === undefined)
    return { name, ok: true, detail: `of ${engineNames[kind]}: known once the cluster runs` };
  const detail = `${Math.floor(free / GIB)} GiB free where Docker keeps its data${kind === 'linux' ? ` (${dataRoot})` : ''}`;
  if (free >= neededDisk) return { name, ok: true, detail };
  const larger: Partial<Record<EngineKind, string>> = {
    'docker-desktop': '; or a larger disk: Docker Desktop, Settings, Resources, Advanced',
    colima: '; or a larger disk: colima stop, then colima start --disk 200 (GiB; it only grows)',
  };
  return {
    name,
    ok: false,
    detail,
    fix: `\`docker system df\` shows what takes the space, \`docker system prune\` frees some${larger[kind] ?? ''}`,
  };
}

/** Bytes, from what `df -P -k` printed: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/df.html */
export function freeFrom(stdout: string): number | undefined {
  const available = stdout.trim().split('\n').at(-1)?.trim().split(/\s+/)[3];
  return available !== undefined && /^\d+$/.test(available) ? Number(available) * 1024 : undefined;
}
