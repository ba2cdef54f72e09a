import type { PackageManagerName } from '../../config/packages/install-command.ts';
import { isOnPath, throughNpx, wantedManager, waysToInstall } from '../../config/packages/obtain.ts';
import { type Folder, textIn } from './folder.ts';

export interface PackageManager {
  readonly name: PackageManagerName;
  /** The command that installs exactly what the lock file lists. */
  readonly install: string;
  /** Of this machine, if it lacks the manager: what to type. */
  readonly missing?: string;
  /** Packages are in no `node_modules`: Yarn's Plug'n'Play. */
  readonly plugAndPlay: boolean;
}

const lockFiles: readonly (readonly [string, PackageManagerName])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
];

/** The package manager of a repository: what `packageManager` names, then what its lock file is of, then npm. */
export async function packageManagerOf(folder: Folder, path: string | undefined): Promise<PackageManager> {
  const { manifest, names } = folder;
  const [, named, version] = /^(npm|pnpm|yarn|bun)@(\d+)/.exec(manifest?.packageManager ?? '') ?? [];
  const lock = lockFiles.find(([file, name]) => names.has(file) && (named === undefined || name === named));
  const name = (named as PackageManagerName | undefined) ?? lock?.[1] ?? 'npm';
  const later = name === 'yarn' && (await isLaterYarn(folder, version));
  const linker = later
    ? /^nodeLinker:\s*["']?([\w-]+)/m.exec(await textIn(folder, '.yarnrc.yml'))?.[1]
    : undefined;
  const options = lock === undefined ? 'install' : frozen(name, later);
  const missing = await whatToType(name, options, folder, path);
  return {
    name,
    install: `${name} ${options}`,
    ...(missing === undefined ? {} : { missing }),
    plugAndPlay: later && (linker ?? 'pnp') === 'pnp',
  };
}

function frozen(name: PackageManagerName, later: boolean): string {
  if (name === 'npm') return 'ci';
  return `install ${later ? '--immutable' : '--frozen-lockfile'}`;
}

async function whatToType(
  name: PackageManagerName,
  options: string,
  { top }: Folder,
  path: string | undefined,
): Promise<string | undefined> {
  if (await isOnPath(name, path)) return undefined;
  const wanted = await wantedManager(name, top);
  const install = waysToInstall(wanted, await isOnPath('corepack', path));
  return `${install}, or write \`${throughNpx(wanted, options)}\` in setup`;
}

/** Only the lock file of Yarn 2 and later has `__metadata`; its options are others than those of Yarn 1. */
async function isLaterYarn(folder: Folder, version: string | undefined): Promise<boolean> {
  if (version !== undefined) return Number(version) >= 2;
  return folder.names.has('.yarnrc.yml') || (await textIn(folder, 'yarn.lock')).includes('__metadata:');
}
