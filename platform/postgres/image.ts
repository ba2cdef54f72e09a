import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import major from 'semver/functions/major.js';
import type { CatalogueEntry } from '../../cluster/images/entry.ts';
import type { Entry, ImageLayout, Recipe } from '../../cluster/images/layout.ts';
import {
  appletPaths,
  folderEntries,
  nameServiceLibraries,
  sharedLibraries,
} from '../../cluster/images/machine-files.ts';
import { baseEntries, merged, searchPath } from '../../cluster/images/recipes/base.ts';
import { CoppiceError } from '../../core/errors.ts';
import { partFacts } from '../../core/part-facts.ts';
import { manifest } from '../../toolchain/manifest.ts';

/** The parts of the image, as found on this machine. */
export interface PostgresParts {
  readonly version: string;
  /** All of PostgreSQL at its place in the image. */
  readonly tree: readonly Entry[];
  /** Paths of `cp` and `flock`, whose versions in busybox are too limited or missing. */
  readonly tools: readonly string[];
  /** Absolute paths of libraries that are not PostgreSQL's own; they keep their places. */
  readonly libraries: readonly string[];
  /** The time zones at their place in the image. */
  readonly zones: readonly Entry[];
  /** Path of a static busybox. */
  readonly busybox: string;
  readonly applets: readonly string[];
}

const { user } = partFacts.postgres.volume;
const home = '/var/lib/postgresql';
const prefix = (version: string) => `usr/lib/postgresql/${major(version)}`;

/**
 * Paths and the user `postgres` as in the official image: https://github.com/docker-library/postgres
 *
 * @internal Its test reads the layout without a build.
 */
export function postgresLayout(parts: PostgresParts): ImageLayout {
  const program = (path: string, from: string): Entry => ({ kind: 'copy', path, from, mode: 0o755 });
  const { version } = parts;
  const bin = `/${prefix(version)}/bin`;
  return {
    version,
    entries: [
      ...baseEntries([{ name: 'postgres', id: user, home }]),
      { kind: 'link', path: 'var/run', target: '../run' },
      ...parts.tree,
      // dblink and postgres_fdw do not find it beside themselves.
      { kind: 'link', path: 'usr/lib/libpq.so.5', target: `/${prefix(version)}/lib/libpq.so.5` },
      ...parts.tools.map((path) => program(merged(path), path)),
      ...parts.libraries.map((path) => program(merged(path), path)),
      ...parts.zones,
      program('usr/bin/busybox', parts.busybox),
      ...parts.applets.map(
        (applet): Entry => ({
          kind: 'link',
          path: merged(applet),
          target: '/usr/bin/busybox',
        }),
      ),
    ],
    defaults: {
      Env: [`${searchPath}:${bin}`, `PG_MAJOR=${major(version)}`, `PG_VERSION=${version}`],
      Cmd: ['postgres'],
      User: `${user}:${user}`,
      // On SIGTERM a server waits until every client has disconnected.
      StopSignal: 'SIGINT',
    },
  };
}

/** Modules that need libraries which neither the server nor psql needs, with their extensions. */
const modules = [
  { file: 'lib/pgxml.so', extension: 'xml2' },
  { file: 'lib/uuid-ossp.so', extension: 'uuid-ossp' },
];

const recipe: Recipe<'postgresql' | 'busybox'> = {
  programs: ['postgresql', 'busybox'],
  async layout({ postgresql, busybox }) {
    const { path, version } = postgresql;
    const [tree, zones, tools, applets, usable] = await Promise.all([
      folderEntries(path, prefix(version)),
      zoneEntries(),
      Promise.all(['cp', 'flock'].map(toolOfMachine)),
      appletPaths(busybox.path),
      usableModules(path),
    ]);
    const programs = ['bin/postgres', 'bin/psql', ...usable.map(({ file }) => file)];
    const libraries = await librariesOf([...programs.map((file) => join(path, file)), ...tools]);
    return postgresLayout({
      version,
      tree: tree.filter((entry) => isUsable(entry, usable)),
      tools,
      // PostgreSQL's programs find their own libraries beside themselves.
      libraries: libraries.filter((library) => !library.startsWith(`${path}/`)),
      zones,
      busybox: busybox.path,
      applets,
    });
  },
};

export const postgres = {
  upstream: `docker.io/library/postgres:${major(manifest.programs.postgresql.version)}`,
  recipe,
  optional: true,
} as const satisfies CatalogueEntry;

type Module = (typeof modules)[number];

/** Modules whose libraries this machine has. */
async function usableModules(folder: string): Promise<Module[]> {
  const needs = await Promise.all(
    modules.map(({ file }) => sharedLibraries(join(folder, file)).catch(() => undefined)),
  );
  return modules.filter((_, at) => needs[at] !== undefined);
}

/** No Python: it would add an interpreter for a language that only a superuser may use. */
function isUsable({ path }: Entry, usable: readonly Module[]): boolean {
  if (/plpython3/.test(path)) return false;
  return modules
    .filter((module) => !usable.includes(module))
    .every(({ file, extension }) => !path.endsWith(file) && !path.includes(`/extension/${extension}`));
}

async function librariesOf(programs: readonly string[]): Promise<string[]> {
  const libraries = [...new Set((await Promise.all(programs.map(sharedLibraries))).flat())];
  return [...libraries, ...nameServiceLibraries(libraries)];
}

/** Throws COPPICE_IMAGE where this machine does not have that program. */
async function toolOfMachine(name: string): Promise<string> {
  const found = ['/usr/bin', '/bin'].map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found !== undefined) return realpath(found);
  throw new CoppiceError('COPPICE_IMAGE', `this machine has no ${name}, which the server's start needs`);
}

/** The server was built to use the system's zones. The two other variants of the same zones are left out. */
async function zoneEntries(): Promise<Entry[]> {
  const folder = '/usr/share/zoneinfo';
  if (!existsSync(folder)) return [];
  const entries = await folderEntries(folder, folder.slice(1));
  return entries.filter(({ path }) => !/^usr\/share\/zoneinfo\/(posix|right)(\/|$)/.test(path));
}
