import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isThere, readIfPresent } from '../../core/files.ts';
import type { PackageManagerName } from './install-command.ts';

/** Whether `node_modules` holds what the lock file lists; `unknown` where the manager leaves no trace to compare. */
export type InstalledState = 'right' | 'wrong' | 'unknown';

/** What was compared, and the result. */
export interface Installed {
  readonly state: InstalledState;
  /** Name of the lock file in the folder. */
  readonly lockFile?: string;
}

type Look = (folder: string) => Promise<Installed>;

const looks: Readonly<Record<PackageManagerName, Look>> = {
  npm: lookAtNpm,
  pnpm: lookAtPnpm,
  yarn: lookAtYarn,
  bun: lookAtBun,
};

/**
 * Compares a folder's `node_modules` with its lock file, whoever installed it. A file that cannot be read or understood
 * makes the answer `unknown`, never `right`.
 */
export async function installedPackages(manager: PackageManagerName, folder: string): Promise<Installed> {
  try {
    return await looks[manager](folder);
  } catch {
    return { state: 'unknown' };
  }
}

interface NpmPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly optional?: boolean;
  readonly extraneous?: boolean;
  readonly hasInstallScript?: boolean;
}
type NpmPackages = Readonly<Record<string, NpmPackage>>;

/** npm's files need no parser, which would be most of what `wt create` loads. */
async function parse(text: string): Promise<unknown> {
  const yaml = await import('../yaml/parse.ts');
  return yaml.parse(text);
}

/** npm keeps a copy of the lock file: https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json#hidden-lockfiles */
async function lookAtNpm(folder: string): Promise<Installed> {
  const lockFile = await firstOf(folder, ['npm-shrinkwrap.json', 'package-lock.json']);
  if (lockFile === undefined) return { state: 'unknown' };
  const listed = npmPackages(await readFile(join(folder, lockFile), 'utf8'));
  if (listed === undefined) return { state: 'unknown', lockFile };
  const copy = await readIfPresent(join(folder, 'node_modules', '.package-lock.json'));
  if (copy === undefined) {
    const nothing = Object.keys(listed).every((path) => !path.includes('node_modules/'));
    return { state: nothing ? 'right' : 'wrong', lockFile };
  }
  const installed = npmPackages(copy) ?? {};
  const same =
    Object.entries(listed).every(([path, wanted]) => path === '' || isInstalled(wanted, installed[path])) &&
    Object.keys(installed).every((path) => path in listed);
  const folders = Object.keys(installed).map((path) => join(folder, path, 'package.json'));
  if (!same || !(await areThere(folders))) return { state: 'wrong', lockFile };
  const withScript = Object.keys(installed).filter((path) => installed[path]?.hasInstallScript === true);
  const built = await Promise.all(withScript.map((path) => isBuilt(join(folder, path))));
  return { state: built.every(Boolean) ? 'right' : 'unknown', lockFile };
}

/** npm does not note that scripts were ignored (`--ignore-scripts`): a native package has no program then. */
async function isBuilt(folder: string): Promise<boolean> {
  if (!(await isThere(join(folder, 'binding.gyp')))) return true;
  // Of node-gyp, prebuildify and node-pre-gyp.
  return (await firstOf(folder, ['build', 'prebuilds', 'lib/binding'])) !== undefined;
}

function npmPackages(text: string): NpmPackages | undefined {
  return (JSON.parse(text) as { packages?: NpmPackages }).packages;
}

function isInstalled(wanted: NpmPackage, found: NpmPackage | undefined): boolean {
  // Packages for other platforms are listed and left out, and so is what npm itself marks as belonging to none.
  if (found === undefined) return wanted.optional === true || wanted.extraneous === true;
  return (['version', 'resolved', 'integrity', 'link'] as const).every((key) => wanted[key] === found[key]);
}

interface PnpmLock {
  readonly importers?: Readonly<Record<string, Partial<Record<string, object>>>>;
}

/** pnpm keeps a copy of the lock file, and what it left undone in `.modules.yaml`. */
async function lookAtPnpm(folder: string): Promise<Installed> {
  const lockFile = 'pnpm-lock.yaml';
  const modules = join(folder, 'node_modules');
  const [lock, state] = await Promise.all([
    readIfPresent(join(folder, lockFile)),
    readIfPresent(join(modules, '.modules.yaml')),
  ]);
  if (lock === undefined) return { state: 'unknown' };
  if (state === undefined) return { state: 'wrong', lockFile };
  const {
    included = {},
    pendingBuilds = [],
    virtualStoreDir = '.pnpm',
  } = (await parse(state)) as {
    included?: Record<string, boolean>;
    pendingBuilds?: unknown[];
    virtualStoreDir?: string;
  };
  if (Object.values(included).includes(false)) return { state: 'wrong', lockFile };
  if (pendingBuilds.length > 0) return { state: 'unknown', lockFile };
  const copy = await readIfPresent(join(modules, virtualStoreDir, 'lock.yaml'));
  if (copy === undefined) return { state: 'unknown', lockFile };
  const { importers = {} } = (await parse(lock)) as PnpmLock;
  const links = Object.entries(importers).flatMap(([importer, groups]) =>
    ['dependencies', 'devDependencies'].flatMap((group) =>
      Object.keys(groups[group] ?? {}).map((name) => join(folder, importer, 'node_modules', name)),
    ),
  );
  return { state: copy === lock && (await areThere(links)) ? 'right' : 'wrong', lockFile };
}

/** Yarn 1 writes `.yarn-integrity`, later ones `.yarn-state.yml`; Plug'n'Play has no `node_modules` to look into. */
async function lookAtYarn(folder: string): Promise<Installed> {
  const lockFile = 'yarn.lock';
  const lock = await readIfPresent(join(folder, lockFile));
  if (lock === undefined) return { state: 'unknown' };
  if (await isThere(join(folder, '.pnp.cjs'))) return { state: 'unknown', lockFile };
  const later = /^__metadata:/m.test(lock);
  const trace = await readIfPresent(
    join(folder, 'node_modules', later ? '.yarn-state.yml' : '.yarn-integrity'),
  );
  if (trace === undefined) return { state: later ? 'unknown' : 'wrong', lockFile };
  const right = await (later ? isLaterYarn(lock, trace, folder) : isYarn1(lock, trace, folder));
  return { state: right ? 'right' : 'wrong', lockFile };
}

async function isYarn1(lock: string, trace: string, folder: string): Promise<boolean> {
  const { lockfileEntries, topLevelPatterns, systemParams, flags } = JSON.parse(trace) as {
    lockfileEntries: Record<string, string>;
    topLevelPatterns: string[];
    systemParams: string;
    flags: string[];
  };
  const { platform, arch, versions } = process;
  const wanted = yarn1Entries(lock);
  const same =
    wanted.size === Object.keys(lockfileEntries).length &&
    [...wanted].every(([pattern, resolved]) => (lockfileEntries[pattern] || '') === resolved);
  const names = topLevelPatterns.map((pattern) => pattern.slice(0, pattern.lastIndexOf('@')));
  return (
    same &&
    systemParams === `${platform}-${arch}-${versions.modules}` &&
    !flags.some((flag) => flag === 'production' || flag === 'ignoreScripts') &&
    areThere(names.map((name) => join(folder, 'node_modules', name)))
  );
}

/** `"a@^1", "a@^1.2":` and, below it, `resolved "https://..."`. */
function yarn1Entries(lock: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const block of lock.split(/\n(?=\S)/)) {
    const [head = '', ...lines] = block.split('\n');
    if (!head.endsWith(':') || head.startsWith('#')) continue;
    const resolved = lines.map((line) => /^ {2}resolved "?([^"]*)"?$/.exec(line)?.[1]).find(Boolean) ?? '';
    for (const pattern of head.slice(0, -1).split(', ')) entries.set(pattern.replace(/^"|"$/g, ''), resolved);
  }
  return entries;
}

async function isLaterYarn(lock: string, trace: string, folder: string): Promise<boolean> {
  type Entry = { readonly resolution?: string; readonly conditions?: string };
  const listed = Object.entries((await parse(lock)) as Record<string, Entry>)
    .filter(([key]) => key !== '__metadata')
    .map(([, entry]) => entry);
  const state = (await parse(trace)) as Record<string, { readonly locations?: readonly string[] }>;
  const installed = Object.entries(state).filter(([key]) => key !== '__metadata');
  // `a@virtual:<hash>#npm:1.2.3` is a@npm:1.2.3 for one of its users.
  const found = new Set(installed.map(([key]) => key.replace(/@virtual:[^#]*#/, '@')));
  const known = new Set(listed.map(({ resolution }) => resolution));
  const folders = installed.flatMap(([, { locations = [] }]) =>
    locations.map((location) => join(folder, location)),
  );
  return (
    [...found].every((resolution) => known.has(resolution)) &&
    listed.every(({ resolution = '', conditions }) => conditions !== undefined || found.has(resolution)) &&
    areThere(folders)
  );
}

/** bun leaves no copy: the version in each package's own package.json decides. */
async function lookAtBun(folder: string): Promise<Installed> {
  const lockFile = 'bun.lock';
  const lock = await readIfPresent(join(folder, lockFile));
  if (lock === undefined) return { state: 'unknown' };
  // JSON with commas at the ends of lists is YAML in flow style.
  const { packages = {} } = (await parse(lock)) as { packages?: Record<string, readonly unknown[]> };
  const right = await Promise.all(
    Object.entries(packages).map(async ([key, [locator, , info]]) => {
      const text = await readIfPresent(join(folder, bunFolder(key), 'package.json'));
      if (text === undefined) return isForPlatform(info);
      const wanted = String(locator).slice(String(locator).lastIndexOf('@') + 1);
      return wanted.includes(':') || (JSON.parse(text) as { version?: string }).version === wanted;
    }),
  );
  return { state: right.every(Boolean) ? 'right' : 'wrong', lockFile };
}

/** `a/@b/c` is node_modules/a/node_modules/@b/c. */
function bunFolder(key: string): string {
  return key.replace(/(^|\/)((?:@[^/]+\/)?[^/]+)/g, '$1node_modules/$2');
}

function isForPlatform(info: unknown): boolean {
  return typeof info === 'object' && info !== null && ('os' in info || 'cpu' in info);
}

async function firstOf(folder: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) if (await isThere(join(folder, name))) return name;
  return undefined;
}

async function areThere(paths: readonly string[]): Promise<boolean> {
  const found = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.every(Boolean);
}
