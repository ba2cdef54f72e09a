import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { readIfPresent } from '../../core/files.ts';
import type { PackageManagerName } from './install-command.ts';

/** A package manager that a repository asks for. */
export interface WantedManager {
  readonly name: PackageManagerName;
  /** `9.15.9`, or a major version. */
  readonly version: string;
}

/** What npm brings, without asking for one. */
const usual: Readonly<Record<PackageManagerName, string>> = { npm: '10', pnpm: '10', yarn: '1', bun: '1' };

/**
 * Of `packageManager` in the package.json of a folder (`pnpm@9.15.9+sha512...`), or else the usual version that reads
 * its lock file.
 */
export async function wantedManager(name: PackageManagerName, folder: string): Promise<WantedManager> {
  const manifest = (await readIfPresent(join(folder, 'package.json')).catch(() => undefined)) ?? '';
  const [, named, version] = /"packageManager"\s*:\s*"(\w+)@(\d[\w.-]*)/.exec(manifest) ?? [];
  if (named === name && version !== undefined) return { name, version };
  return { name, version: (await versionOfLock(name, folder)) ?? usual[name] };
}

async function versionOfLock(name: PackageManagerName, folder: string): Promise<string | undefined> {
  if (name === 'yarn') {
    const lock = (await readIfPresent(join(folder, 'yarn.lock')).catch(() => undefined)) ?? '';
    return lock.includes('__metadata:') ? '4' : undefined;
  }
  if (name !== 'pnpm') return undefined;
  const lock = (await readIfPresent(join(folder, 'pnpm-lock.yaml')).catch(() => undefined)) ?? '';
  // https://github.com/pnpm/spec/tree/master/lockfile: 5.x of pnpm 3 to 7, 6.x of pnpm 8, 9.x of pnpm 9 and 10.
  const [, format] = /^lockfileVersion:\s*['"]?(\d+)/m.exec(lock) ?? [];
  return { '5': '7', '6': '8', '9': '10' }[format ?? ''];
}

/** The manager's command by way of npm, which comes with Node: `npx --yes pnpm@9.15.9 install --frozen-lockfile`. */
export function throughNpx({ name, version }: WantedManager, options: string): string {
  // The package called yarn ends with version 1.
  const later = name === 'yarn' && !version.startsWith('1');
  return `npx --yes ${later ? '@yarnpkg/cli-dist' : name}@${version}${options === '' ? '' : ` ${options}`}`;
}

/** What installs it on this machine. Corepack has no bun, and no longer comes with every Node. */
export function waysToInstall({ name, version }: WantedManager, corepack: boolean): string {
  if (name !== 'bun' && corepack) return `\`corepack enable ${name}\``;
  if (name === 'yarn' && !version.startsWith('1'))
    return '`npm install --global corepack && corepack enable yarn`';
  return `\`npm install --global ${name}@${version}\``;
}

/** Whether a program of that name is in a folder of PATH. */
export async function isOnPath(name: string, path: string | undefined): Promise<boolean> {
  const found = await Promise.all(
    (path ?? '')
      .split(delimiter)
      .filter((folder) => folder !== '')
      .map((folder) => isProgram(join(folder, name))),
  );
  return found.includes(true);
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
