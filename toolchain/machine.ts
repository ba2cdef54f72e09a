import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { CoppiceError } from '../core/errors.ts';
import { packageRoot } from '../core/package-root.ts';
import { paths } from '../core/paths.ts';
import { invokingUser, type User } from '../core/user.ts';
import { manifest } from './manifest.ts';
import type { Manifest, Platform } from './manifest-entry.ts';

/** Everything the toolchain knows about the machine it runs on. Tests pass their own. */
export interface Machine {
  readonly platform: Platform;
  readonly manifest: Manifest;
  /** The cache: `<folder>/<program>/<version>/`. */
  readonly folder: string;
  /** Checksums of releases, recorded when each was first installed. */
  readonly lockFile: string;
  readonly logs: string;
  /** Folders to search for programs. */
  readonly searchPath: readonly string[];
  /** Environment of children. */
  readonly env: NodeJS.ProcessEnv;
  readonly owner: User | undefined;
  readonly isRoot: boolean;
  /** Folder of the fallback's Go modules. */
  readonly modules: string;
  /** Maps a URL of the manifest to where it is really fetched from. */
  readonly locate: (url: string) => string;
  /** Free mebibytes where a folder is, or would be. */
  readonly freeMiB?: (folder: string) => Promise<number>;
}

const systems: Readonly<Record<string, 'linux' | 'darwin'>> = { linux: 'linux', darwin: 'darwin' };
const architectures: Readonly<Record<string, 'amd64' | 'arm64'>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * Throws COPPICE_PLATFORM where none of our programs run.
 *
 * @internal Exported for its test, which passes in facts of other machines.
 */
export function platformOf(platform: string, arch: string): Platform {
  const system = systems[platform];
  const architecture = architectures[arch];
  if (!system || !architecture) {
    throw new CoppiceError('COPPICE_PLATFORM', `coppice does not run on ${platform} ${arch}`, {
      hint: 'use Linux or macOS on x64 or arm64',
    });
  }
  return `${system}-${architecture}`;
}

/** Debian keeps programs for root off an ordinary user's PATH; anybody can query their version. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];
/** sudo's own PATH lacks the folder of Go's installer. */
const compilerFolders = ['/usr/local/go/bin'];

/** The machine that this process runs on, as the user behind `sudo` sees it, if there is one. */
export function thisMachine(env: NodeJS.ProcessEnv = process.env): Machine {
  const owner = invokingUser(env);
  const places = paths(env, owner?.home ?? homedir());
  const onPath = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const searchPath = [...new Set([...onPath, ...systemFolders, ...compilerFolders])];
  return {
    platform: platformOf(process.platform, process.arch),
    manifest,
    folder: places.toolchain,
    lockFile: join(places.data, 'toolchain.lock.json'),
    logs: join(places.logs, 'toolchain'),
    searchPath,
    env: { ...env, PATH: searchPath.join(delimiter) },
    owner,
    isRoot: process.geteuid?.() === 0,
    modules: join(packageRoot(), 'toolchain', 'modules'),
    locate: (url) => url,
  };
}
