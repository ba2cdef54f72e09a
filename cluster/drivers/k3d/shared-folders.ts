import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { isBelow } from '../../../config/plan/source.ts';
import { readIfPresent } from '../../../core/files.ts';
import { userHome } from '../user-paths.ts';
import type { DockerMachine, EngineKind } from './docker-machine.ts';

/** What an engine sees of this machine. */
export type Shared =
  /** Everything, or it is unknown. */
  | { readonly known: 'everything' | 'unknown' }
  | {
      /** `configured`: its own configuration was read. `default`: what it shares unless that was changed. */
      readonly known: 'configured' | 'default';
      readonly folders: readonly string[];
    };

/** An engine in a virtual machine, with what its configuration says. */
export interface Sharing {
  readonly shared: Shared;
  /** Whether file changes are reported to the virtual machine; undefined if its configuration does not say. */
  readonly events?: boolean;
}

/** Reads the configuration of the program that runs the virtual machine, if its place is known. */
export async function sharingOf(machine: DockerMachine): Promise<Sharing> {
  const home = userHome();
  const [file, older] = configurationFiles(machine, home, process.platform);
  const text = file && ((await readIfPresent(file)) ?? (older && (await readIfPresent(older))));
  return sharing(machine.kind, home, process.platform, text);
}

/**
 * Newest first.
 *
 * @internal Exported for its test, which passes in what programs print.
 */
export function configurationFiles(
  { kind, endpoint }: Pick<DockerMachine, 'kind' | 'endpoint'>,
  home: string,
  platform: NodeJS.Platform,
): string[] {
  if (kind === 'docker-desktop') {
    const folder = platform === 'darwin' ? 'Library/Group Containers/group.com.docker' : '.docker/desktop';
    return [join(home, folder, 'settings-store.json'), join(home, folder, 'settings.json')];
  }
  // Each profile's lies beside its socket.
  if (kind === 'colima') return [join(dirname(endpoint.replace(/^unix:\/\//, '')), 'colima.yaml')];
  return [];
}

/**
 * `configuration`: text of the file, absent if there is none.
 *
 * @internal Exported for its test, which passes in facts of other machines.
 */
export function sharing(
  kind: EngineKind,
  home: string,
  platform: NodeJS.Platform,
  configuration?: string,
): Sharing {
  switch (kind) {
    case 'linux':
    // https://docs.orbstack.dev/docker/file-sharing: paths need no settings.
    case 'orbstack':
      return { shared: { known: 'everything' } };
    case 'docker-desktop':
      return { shared: ofDockerDesktop(home, platform, parsed(configuration)) };
    case 'colima':
      return ofColima(home, parsed(configuration));
    case 'rancher-desktop':
      return { shared: { known: 'default', folders: ofRancherDesktop(home, platform) } };
    case 'virtual-machine':
    case 'remote':
      return { shared: { known: 'unknown' } };
  }
}

type Configuration = Readonly<Record<string, unknown>>;

/** YAML reads JSON too. Unreadable counts as absent. */
function parsed(text: string | undefined): Configuration | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = parse(text);
    return typeof value === 'object' && value !== null ? (value as Configuration) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * https://docs.docker.com/desktop/settings-and-maintenance/settings/#file-sharing; the file contains only changed
 * values.
 */
function ofDockerDesktop(home: string, platform: NodeJS.Platform, configuration?: Configuration): Shared {
  const byDefault =
    platform === 'darwin' ? ['/Users', '/Volumes', '/private', '/tmp', '/var/folders'] : [home];
  if (configuration === undefined) return { known: 'default', folders: byDefault };
  const key = Object.keys(configuration).find((name) => name.toLowerCase() === 'filesharingdirectories');
  const folders = key === undefined ? undefined : strings(configuration[key]);
  if (folders !== undefined) return { known: 'configured', folders };
  return { known: platform === 'darwin' ? 'configured' : 'default', folders: byDefault };
}

/**
 * https://github.com/abiosoft/colima/blob/main/embedded/defaults/colima.yaml: a user's own list replaces the default.
 */
function ofColima(home: string, configuration?: Configuration): Sharing {
  const byDefault = [home, '/tmp/colima'];
  if (configuration === undefined) return { shared: { known: 'default', folders: byDefault } };
  const mounts = Array.isArray(configuration.mounts) ? (configuration.mounts as unknown[]) : [];
  const folders = mounts
    .flatMap((mount) => strings([(mount as { location?: unknown } | null)?.location]) ?? [])
    .map((folder) => folder.replace(/^~(?=\/|$)/, home).replace(/(?<=.)\/$/, ''));
  return {
    shared: { known: 'configured', folders: folders.length === 0 ? byDefault : folders },
    events: configuration.mountInotify === true,
  };
}

/** getMounts in pkg/rancher-desktop/backend/lima.ts of https://github.com/rancher-sandbox/rancher-desktop */
function ofRancherDesktop(home: string, platform: NodeJS.Platform): string[] {
  const everywhere = [home, '/tmp/rancher-desktop'];
  return platform === 'darwin'
    ? [...everywhere, '/Volumes', '/var/folders', '/private/tmp', '/private/var/folders']
    : everywhere;
}

function strings(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((one): one is string => typeof one === 'string');
  return texts.length === value.length ? texts : undefined;
}

/** The roots that the engine does not see at their own path. */
export function unshared(roots: readonly string[], shared: Shared): string[] {
  if (!('folders' in shared)) return [];
  return roots.filter((root) => !shared.folders.some((folder) => isBelow(root, folder)));
}

/** What to do to share a folder. */
export function howToShare(kind: EngineKind, folder: string): string {
  switch (kind) {
    case 'docker-desktop':
      return `add ${folder} in Docker Desktop: Settings, Resources, File sharing`;
    case 'colima':
      return `run \`colima stop\`, then \`colima start --edit\`, and list it under \`mounts\` next to your home folder, which would otherwise no longer be shared: [{location: "~", writable: true}, {location: ${folder}, writable: true}]`;
    case 'rancher-desktop':
      return `add it to \`mounts\` in ~/Library/Application Support/rancher-desktop/lima/_config/override.yaml ({location: ${folder}, writable: true}) and restart Rancher Desktop`;
    default:
      return `share ${folder} with the virtual machine that runs Docker, or name other folders as \`k3d.roots\` in the settings`;
  }
}
