import { readFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isOneFolder, isThere, namesIn, readIfPresent, unlessAbsent } from '../../../core/files.ts';

/** What every environment of Python has without being asked for. */
const usual: readonly string[] = ['pip', 'setuptools', 'wheel', 'distribute'];

/**
 * Compares the packages of `.venv` or `venv` with a lock file. Nothing records from which lock file they were installed,
 * so one that changed after they did is not trusted.
 */
export async function venvState(project: string, lockFile: string): Promise<string | undefined> {
  const name = (await isThere(join(project, '.venv'))) ? '.venv' : 'venv';
  const venv = join(project, name);
  if (!(await isThere(join(venv, 'pyvenv.cfg')))) return `${name} is no environment of Python`;
  if (!(await isThere(join(venv, 'bin', 'python')))) return `the Python of ${name} is gone`;
  const packages = await packagesIn(venv);
  if (packages === undefined) return `${name} has no packages`;
  const lock = join(project, lockFile);
  const [changed, installed] = await Promise.all([stat(lock), stat(packages)]);
  if (changed.mtimeMs > installed.mtimeMs) return `${lockFile} is newer than ${name}`;
  const wanted = lockedVersions(lockFile, await readFile(lock, 'utf8'));
  if (wanted === undefined) return `${lockFile} leaves versions open`;
  const elsewhere = await placeOf(venv);
  if (elsewhere !== undefined) return `${name} was created at ${elsewhere}`;
  const found = await withoutOwn(packages, await namesIn(packages), wanted);
  return difference(found, wanted, { lockFile, name, complete: lockFile === 'requirements.txt' });
}

/** For a copy, whose lock file was written by the checkout a moment ago. */
export async function touchPackages(project: string): Promise<void> {
  for (const name of ['.venv', 'venv']) {
    const packages = await packagesIn(join(project, name));
    if (packages !== undefined) await utimes(packages, new Date(), new Date());
  }
}

async function packagesIn(venv: string): Promise<string | undefined> {
  const [version] = (await namesIn(join(venv, 'lib'))).filter((folder) => folder.startsWith('python'));
  return version && join(venv, 'lib', version, 'site-packages');
}

/** Where its scripts believe it to be, if that is not where it is. One that was created relocatable asks at run time. */
async function placeOf(venv: string): Promise<string | undefined> {
  const script = (await readIfPresent(join(venv, 'bin', 'activate'))) ?? '';
  const place = /^\s*(?:export )?VIRTUAL_ENV=["']?(\/[^"'\n]+)/m.exec(script)?.[1];
  return place === undefined || isOneFolder(place, venv) ? undefined : place;
}

/** Without what is installed from a folder of the repository, which not every lock file lists. */
async function withoutOwn(
  packages: string,
  names: readonly string[],
  wanted: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const found = distributions(names);
  for (const name of names.filter((entry) => entry.endsWith('.dist-info'))) {
    const [distribution = ''] = [...distributions([name]).keys()];
    if (wanted.has(distribution)) continue;
    const origin = await unlessAbsent(readFile(join(packages, name, 'direct_url.json'), 'utf8'), [
      'ENOENT',
      'ENOTDIR',
    ]);
    if (origin !== undefined && /"editable"\s*:\s*true/.test(origin)) found.delete(distribution);
  }
  return found;
}

interface Compared {
  readonly lockFile: string;
  readonly name: string;
  /** Everything that is listed must be there; other lock files list what other systems need too. */
  readonly complete: boolean;
}

type Versions = ReadonlyMap<string, string>;

function difference(
  found: Versions,
  wanted: Versions,
  { lockFile, name, complete }: Compared,
): string | undefined {
  for (const [distribution, version] of found) {
    if (usual.includes(distribution)) continue;
    const listed = wanted.get(distribution);
    // Several versions are listed for several systems; pip's file lists only what was asked for.
    if (listed === undefined && !complete)
      return `${name} has ${distribution}, which ${lockFile} does not list`;
    if (listed !== undefined && listed !== '' && !listed.split(' ').includes(version))
      return `${name} has ${distribution} ${version}, ${lockFile} lists ${listed}`;
  }
  const missing = complete ? [...wanted.keys()].find((distribution) => !found.has(distribution)) : undefined;
  if (missing !== undefined) return `${name} lacks ${missing}, which ${lockFile} lists`;
  return found.size === 0 && wanted.size > 0 ? `${name} has no packages` : undefined;
}

/** `Flask_SQLAlchemy-3.1.1.dist-info`: https://packaging.python.org/en/latest/specifications/recording-installed-packages/ */
function distributions(names: readonly string[]): Map<string, string> {
  return new Map(
    names.flatMap((entry) => {
      const [, name, version] = /^(.+?)-([^-]+)\.(?:dist|egg)-info$/.exec(entry) ?? [];
      return name === undefined || version === undefined ? [] : [[normalized(name), version] as const];
    }),
  );
}

/** https://packaging.python.org/en/latest/specifications/name-normalization/ */
function normalized(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

/**
 * Versions by the normalized name of a package, separated by spaces where there are several; undefined when the file
 * does not fix them all.
 *
 * @internal Exported for its test.
 */
export function lockedVersions(lockFile: string, text: string): Map<string, string> | undefined {
  if (lockFile === 'requirements.txt') return pinned(text);
  if (lockFile === 'Pipfile.lock') return ofPipfile(text);
  const versions = new Map<string, string>();
  for (const block of text.split(/^\[\[package\]\]$/m).slice(1)) {
    const name = /^name = "(.+)"$/m.exec(block)?.[1];
    const version = /^version = "(.+)"$/m.exec(block)?.[1];
    if (name !== undefined) add(versions, name, version ?? '');
  }
  return versions;
}

function add(versions: Map<string, string>, name: string, version: string): void {
  const before = versions.get(normalized(name));
  versions.set(normalized(name), before === undefined ? version : `${before} ${version}`);
}

function ofPipfile(text: string): Map<string, string> {
  type Section = Readonly<Record<string, { readonly version?: string }>>;
  const { default: base = {}, develop = {} } = JSON.parse(text) as { default?: Section; develop?: Section };
  const versions = new Map<string, string>();
  for (const [name, { version = '' }] of Object.entries({ ...base, ...develop })) {
    add(versions, name, version.replace(/^==/, ''));
  }
  return versions;
}

/** Only lines such as `flask==3.1.0` or `flask[async]==3.1.0 \`, with hashes below. */
function pinned(text: string): Map<string, string> | undefined {
  const versions = new Map<string, string>();
  const lines = text.replace(/\\\r?\n/g, ' ').split(/\r?\n/);
  for (const line of lines.map((one) => one.replace(/(^|\s)#.*$/, '').trim())) {
    if (line === '') continue;
    const [, name, version] =
      /^([\w.-]+)(?:\[[^\]]*\])?\s*==\s*([\w.!+-]+)(?:\s+--hash=\S+)*$/.exec(line) ?? [];
    if (name === undefined || version === undefined) return undefined;
    add(versions, name, version);
  }
  return versions;
}
