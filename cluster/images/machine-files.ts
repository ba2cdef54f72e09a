import { existsSync } from 'node:fs';
import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CoppiceError } from '../../core/errors.ts';
import { outcomeOf, run } from '../../core/run.ts';
import type { Entry } from './layout.ts';

/** Absolute paths of the shared libraries and the loader that a program needs; none for a static one. */
export async function sharedLibraries(program: string): Promise<string[]> {
  const env = { ...process.env, LC_ALL: 'C' };
  const { code, stdout, stderr, failure } = await outcomeOf('ldd', [program], { env });
  if (code === 0) return librariesIn(stdout, program);
  if (stderr.includes('not a dynamic executable')) return [];
  const why = failure?.message ?? `ldd reports ${stderr.trim()}`;
  throw new CoppiceError('COPPICE_IMAGE', `could not find the libraries of ${program}: ${why}`, {
    cause: failure,
  });
}

/**
 * Paths in the output of ldd(1): `libm.so.6 => /lib/libm.so.6 (0x...)` and `/lib64/ld-linux.so.2 (0x...)`.
 *
 * @internal Exported for its test, which passes in what programs print.
 */
export function librariesIn(printed: string, program: string): string[] {
  const missing = /^\s*(\S+) => not found/m.exec(printed);
  if (missing)
    throw new CoppiceError('COPPICE_IMAGE', `${program} needs ${missing[1]}, which is not on this machine`);
  return [...printed.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, path]) => path ?? '');
}

/**
 * Libraries that glibc before 2.34 loads by itself for name lookups; ldd does not list them. They lie beside the C
 * library. https://sourceware.org/glibc/wiki/Release/2.34
 */
export function nameServiceLibraries(libraries: readonly string[]): string[] {
  return besideC(libraries, ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2']);
}

/**
 * What programs built elsewhere also expect from the C library, such as native addons from `npm ci`: the parts of glibc
 * that were separate files before 2.34, and those that still are. The official Debian image has them all.
 */
export function addonLibraries(libraries: readonly string[]): string[] {
  return besideC(libraries, [
    ...['libdl.so.2', 'libpthread.so.0', 'librt.so.1', 'libutil.so.1', 'libresolv.so.2', 'libanl.so.1'],
    ...['libnsl.so.1', 'libmvec.so.1', 'libcrypt.so.1'],
  ]);
}

/** The files among these names that lie in the folder of this machine's C library. */
function besideC(libraries: readonly string[], names: readonly string[]): string[] {
  const libc = libraries.find((path) => /\/libc\.so\.\d+$/.test(path));
  if (libc === undefined) return [];
  return names.map((name) => join(dirname(libc), name)).filter((path) => existsSync(path));
}

/** A local folder with all its contents, at another place; links inside stay links. */
export async function folderEntries(from: string, path: string): Promise<Entry[]> {
  const listed = await readdir(from, { withFileTypes: true });
  const entries = await Promise.all(
    listed.map(async (item): Promise<Entry[]> => {
      const [source, place] = [join(from, item.name), `${path}/${item.name}`];
      if (item.isDirectory()) return folderEntries(source, place);
      if (item.isSymbolicLink()) return [{ kind: 'link', path: place, target: await readlink(source) }];
      if (!item.isFile()) return [];
      const { mode } = await stat(source);
      return [{ kind: 'copy', path: place, from: source, mode: mode & 0o111 ? 0o755 : 0o644 }];
    }),
  );
  return [{ kind: 'folder', path, mode: 0o755 }, ...entries.flat()];
}

/** npm's folder beside a node: `<prefix>/lib/node_modules/npm`, or the target of `npm` in the same folder. */
export async function npmFolder(node: string): Promise<string | undefined> {
  const bin = dirname(node);
  const command = await realpath(join(bin, 'npm')).catch(() => undefined);
  const candidates = [
    join(dirname(bin), 'lib', 'node_modules', 'npm'),
    ...(command === undefined ? [] : [dirname(dirname(command))]),
  ];
  // Some distributions spread npm's own dependencies over the machine: an npm without its own would not run.
  return candidates.find((folder) => existsSync(join(folder, 'node_modules', 'semver')));
}

/** Paths of busybox's built-in applets, such as `usr/bin/env`; without `linuxrc`, which boots machines. */
export async function appletPaths(busybox: string): Promise<string[]> {
  return (await run(busybox, ['--list-full'])).split('\n').filter((path) => path.includes('/'));
}

/** Where distributions keep the CA certificates: Debian and Alpine, Fedora, openSUSE. */
const certificateFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
];

/** This machine's CA certificates, at the path of Debian's and Alpine's images; none if it has none. */
export function certificateEntries(): Entry[] {
  const from = certificateFiles.find((file) => existsSync(file));
  return from === undefined
    ? []
    : [{ kind: 'copy', path: 'etc/ssl/certs/ca-certificates.crt', from, mode: 0o644 }];
}
