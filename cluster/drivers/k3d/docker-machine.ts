import { defined } from '../../../core/defined.ts';
import { outcomeOf } from './command.ts';
import { askDockerInfo, type DockerInfo, PATIENCE_MS } from './docker-info.ts';

/** What runs a Docker engine: decides what it sees of this machine, and how to change that. */
export type EngineKind =
  /** Docker's engine on this Linux machine. */
  | 'linux'
  | 'docker-desktop'
  | 'colima'
  | 'orbstack'
  | 'rancher-desktop'
  /** Another virtual machine of this Mac. */
  | 'virtual-machine'
  /** On another machine, by ssh or TCP. */
  | 'remote';

/** Where a Docker engine runs. */
export interface DockerMachine {
  readonly kind: EngineKind;
  /** Name of Docker's context: `default`, `colima`, `desktop-linux`. */
  readonly context: string;
  /** `unix:///var/run/docker.sock` */
  readonly endpoint: string;
  readonly version: string;
  /** `Ubuntu 24.04.4 LTS`, `Docker Desktop` */
  readonly system: string;
  /** `linux`, or `windows` for an engine of Windows containers. */
  readonly osType: string;
  readonly cpus: number;
  /** Memory of the engine in bytes; that of the virtual machine if it runs in one. */
  readonly memory: number;
  /**
   * `extfs`, `xfs`, `btrfs`: file system of its data folder. Absent since Docker 29, which keeps images in containerd.
   */
  readonly fileSystem?: string;
  /** The engine's data folder, on the machine where it runs. */
  readonly dataRoot: string;
}

export interface Way {
  readonly context: string;
  readonly endpoint: string;
}

/** Undefined if no engine answers. */
export async function askDockerMachine(): Promise<DockerMachine | undefined> {
  const [info, way] = await Promise.all([
    askDockerInfo(),
    // DOCKER_HOST counts here: the context is then `default`, with that as its host.
    outcomeOf('docker', ['context', 'inspect', '--format', '{{.Name}} {{.Endpoints.docker.Host}}'], {
      timeout: PATIENCE_MS,
    }),
  ]);
  if (info.code !== 0) return undefined;
  const [context = '', endpoint = ''] = way.stdout.trim().split(' ');
  try {
    return machineFrom(JSON.parse(info.stdout) as DockerInfo, { context, endpoint }, process.platform);
  } catch {
    return undefined;
  }
}

/** @internal Exported for its test, which passes in what programs print. */
export function machineFrom(info: DockerInfo, way: Way, platform: NodeJS.Platform): DockerMachine {
  const fileSystem = info.DriverStatus?.find(([key]) => key === 'Backing Filesystem')?.[1];
  return {
    kind: kindOf(info, way, platform),
    ...way,
    version: info.ServerVersion ?? '',
    system: info.OperatingSystem ?? '',
    osType: info.OSType ?? '',
    cpus: info.NCPU ?? 0,
    memory: info.MemTotal ?? 0,
    ...defined({ fileSystem }),
    dataRoot: info.DockerRootDir ?? '',
  };
}

function kindOf({ Name, OperatingSystem }: DockerInfo, way: Way, platform: NodeJS.Platform): EngineKind {
  if (isElsewhere(way.endpoint)) return 'remote';
  if (OperatingSystem === 'Docker Desktop') return 'docker-desktop';
  if (OperatingSystem === 'OrbStack') return 'orbstack';
  if (Name === 'lima-rancher-desktop' || /^Rancher Desktop/.test(OperatingSystem ?? ''))
    return 'rancher-desktop';
  // Its hostname is its profile's name; the socket lies in its own folder, wherever COLIMA_HOME points.
  if (/^colima(-|$)/.test(Name ?? '') || /\/\.?colima\//.test(way.endpoint)) return 'colima';
  return platform === 'linux' ? 'linux' : 'virtual-machine';
}

/** A socket is on this machine, and so is a loopback port, which some put in front of one. */
function isElsewhere(endpoint: string): boolean {
  const address = /^(ssh|tcp|https?):\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)/.exec(endpoint);
  if (address === null) return false;
  const [, scheme, host = ''] = address;
  return scheme === 'ssh' || !/^(localhost|127(\.\d+){3}|\[::1\]|)$/.test(host);
}

/** How each kind is called in a sentence. */
export const engineNames: Readonly<Record<EngineKind, string>> = {
  linux: 'Docker Engine',
  'docker-desktop': 'Docker Desktop',
  colima: 'colima',
  orbstack: 'OrbStack',
  'rancher-desktop': 'Rancher Desktop',
  'virtual-machine': 'a virtual machine',
  remote: 'another machine',
};
