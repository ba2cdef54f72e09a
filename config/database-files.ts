import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, posix, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DatabaseCommandSpec, DatabaseSpec } from './database-schema.ts';
import type { Finding, Path } from './document.ts';
import type { DatabaseFiles, FileDigest } from './environment-plan.ts';
import { type LoadedSpec, specError } from './load.ts';
import { filesMatching } from './matching-files.ts';

/** Digests of files that are too big to be read each time. */
export interface DigestCache {
  read(key: string): Promise<string | undefined>;
  write(key: string, sha256: string): Promise<void>;
}

export interface DatabaseFilesOptions {
  readonly digests?: DigestCache;
  /** Where the output of a dump command is kept, as an absolute path; needed when `from.dump` is a command. */
  readonly dumpOf?: (command: string | readonly string[]) => string;
}

/** Which files decide what a database is, without looking at them: globs, and paths that may or may not be there. */
export interface WatchedFiles {
  readonly patterns: readonly string[];
  readonly files: readonly string[];
}

/** A change of one of these changes what a command does, though the command does not name it. */
const lockFiles = [
  ...['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'],
  ...['requirements.txt', 'poetry.lock', 'uv.lock', 'Pipfile.lock'],
  ...['Gemfile.lock', 'go.sum', 'Cargo.lock', 'composer.lock', 'mix.lock'],
];
/** Files of this size are looked up by path, size and time of change. */
const bigBytes = 4 * 2 ** 20;

/**
 * Content of the files that `database:` names; undefined when there is nothing to read. What a pattern of
 * `migrate.inputs` matches is a migration, but for what the commands name, the seed, the mask and the dump.
 * Throws SpecError for a file that is missing, or leads out of the folder.
 */
export async function readDatabaseFiles(
  loaded: LoadedSpec,
  options: DatabaseFilesOptions = {},
): Promise<DatabaseFiles | undefined> {
  const { database } = loaded.spec;
  if (database === undefined || database.engine === 'sqlite') return undefined;
  const reading = new Reading(loaded.folder, options.digests);
  const files = await filesOf(database, reading, options);
  if (reading.findings.length > 0) throw await specError(loaded, reading.findings);
  return files;
}

async function filesOf(
  { migrate, seed, from }: DatabaseSpec,
  reading: Reading,
  { dumpOf }: DatabaseFilesOptions,
): Promise<DatabaseFiles> {
  const at = (...path: string[]): Path => ['database', ...path];
  const tools = migrate ? await reading.present([...wordsOf(migrate), ...lockFiles]) : [];
  const named = seed === undefined || typeof seed === 'string' ? [] : wordsOf(seed);
  const others = [...named, ...literalsOf(seed), from?.mask, pathOf(from?.dump, dumpOf)].flatMap(normal);
  const inputs = migrate ? await reading.matching(migrate.inputs, at('migrate', 'inputs')) : [];
  const migrations = inputs.filter((path) => !tools.includes(path) && !others.includes(path));
  const dump = pathOf(from?.dump, dumpOf);
  return {
    migrations: await reading.digests(migrations, at('migrate', 'inputs')),
    tools: await reading.digests(tools, at('migrate', 'command')),
    seed: await seedFiles(seed, reading, at('seed')),
    ...(dump === undefined ? {} : await one('dump', dump, reading, at('from', 'dump'))),
    ...(from?.mask === undefined ? {} : await one('mask', from.mask, reading, at('from', 'mask'))),
  };
}

async function seedFiles(seed: DatabaseSpec['seed'], reading: Reading, at: Path): Promise<FileDigest[]> {
  if (seed === undefined) return [];
  if (typeof seed === 'string') return reading.digests([seed], at);
  const inputs = await reading.matching(seed.inputs, [...at, 'inputs']);
  const tools = await reading.present(wordsOf(seed));
  return reading.digests([...new Set([...inputs, ...tools])].sort(), [...at, 'inputs']);
}

async function one<K extends 'dump' | 'mask'>(
  name: K,
  path: string,
  reading: Reading,
  at: Path,
): Promise<Partial<Record<K, FileDigest>>> {
  const [digest] = await reading.digests([path], at);
  return digest ? ({ [name]: digest } as Record<K, FileDigest>) : {};
}

/** The same files for who only wants to know whether something changed. */
export function watchedFiles(
  database: DatabaseSpec | undefined,
  { dumpOf }: DatabaseFilesOptions = {},
): WatchedFiles {
  if (database === undefined) return { patterns: [], files: [] };
  const { migrate, seed, from } = database;
  const commands = [migrate, typeof seed === 'string' ? undefined : seed].flatMap((one) => one ?? []);
  const single = [typeof seed === 'string' ? seed : undefined, from?.mask, pathOf(from?.dump, dumpOf)];
  return {
    patterns: [...new Set(commands.flatMap(({ inputs }) => inputs))],
    files: [
      ...commands.flatMap(wordsOf),
      ...(migrate ? lockFiles : []),
      ...single.flatMap((path) => path ?? []),
    ],
  };
}

/** Looks at files below one folder and keeps what is wrong with them. */
class Reading {
  readonly findings: Finding[] = [];
  private readonly folder: string;
  private readonly cache: DigestCache | undefined;

  constructor(folder: string, cache: DigestCache | undefined) {
    this.folder = folder;
    this.cache = cache;
  }

  async matching(patterns: readonly string[], at: Path): Promise<string[]> {
    const found = await Promise.all(
      patterns.map(async (pattern, index) => {
        const files = await filesMatching(this.folder, [pattern]);
        if (files.length === 0)
          this.say([...at, index], `no file here matches ${pattern}`, 'look at it with ls in this folder');
        return files;
      }),
    );
    return [...new Set(found.flat())].sort();
  }

  /** Those that are files below the folder; the rest of a command's words are something else. */
  async present(paths: readonly string[]): Promise<string[]> {
    const files = await Promise.all(
      [...new Set(paths)].map(async (path) => ((await this.isFile(path)) ? [path] : [])),
    );
    return files.flat().sort();
  }

  async digests(paths: readonly string[], at: Path): Promise<FileDigest[]> {
    const found = await Promise.all(paths.map((path) => this.digest(path, at)));
    return found.flatMap((digest) => digest ?? []);
  }

  private async digest(path: string, at: Path): Promise<FileDigest | undefined> {
    if (!(await this.isFile(path))) {
      this.say(at, `there is no file ${path}`, 'it is looked for in the folder of this file');
      return undefined;
    }
    const file = this.absolute(path);
    if (!isAbsolute(path) && leadsOut(this.folder, await realpath(file))) {
      this.say(at, `${path} leads out of this folder`, 'a pod would not find it: keep the file itself here');
      return undefined;
    }
    return { path: isAbsolute(path) ? path : posix.normalize(path), sha256: await this.sha256(file) };
  }

  private async sha256(file: string): Promise<string> {
    const { size, mtimeMs } = await stat(file);
    if (size < bigBytes) return hashFile(file);
    const key = `${file}\n${size}\n${mtimeMs}`;
    const known = await this.cache?.read(key);
    if (known !== undefined) return known;
    const sha256 = await hashFile(file);
    await this.cache?.write(key, sha256);
    return sha256;
  }

  private async isFile(path: string): Promise<boolean> {
    return stat(this.absolute(path)).then(
      (found) => found.isFile(),
      () => false,
    );
  }

  private absolute(path: string): string {
    return isAbsolute(path) ? path : join(this.folder, path);
  }

  private say(path: Path, message: string, hint: string): void {
    this.findings.push({ path, at: 'value', message, hint });
  }
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

function leadsOut(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path.startsWith('../') || isAbsolute(path);
}

/** Words of a command that could be paths below the folder: `node db/migrate.js up` names db/migrate.js. */
function wordsOf({ command }: Pick<DatabaseCommandSpec, 'command'>): string[] {
  const text = typeof command === 'string' ? command : command.join(' ');
  const words = text.split(/[\s;&|()<>"'`=]+/).map((word) => word.replace(/^\/app\//, ''));
  return words
    .map((word) => posix.normalize(word))
    .filter((word) => /[\w]/.test(word) && !/^(\/|\.\.|-)/.test(word));
}

/** Inputs of a seed that are plain paths, not patterns. */
function literalsOf(seed: DatabaseSpec['seed']): string[] {
  if (seed === undefined) return [];
  return typeof seed === 'string' ? [seed] : seed.inputs.filter((input) => !/[*?[\]{}!()]/.test(input));
}

function pathOf(
  dump: NonNullable<DatabaseSpec['from']>['dump'] | undefined,
  dumpOf: DatabaseFilesOptions['dumpOf'],
): string | undefined {
  return dump === undefined || typeof dump === 'string' ? dump : dumpOf?.(dump.command);
}

function normal(path: string | undefined): string[] {
  return path === undefined ? [] : [posix.normalize(path)];
}
