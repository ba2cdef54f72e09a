import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  addonLibraries,
  folderEntries,
  librariesIn,
  npmFolder,
  sharedLibraries,
} from '../../../../cluster/images/machine-files.ts';
import { temporaryFolder } from './folder.ts';

const glibc = `	linux-vdso.so.1 (0x00007fe62f1a4000)
	libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007fe62f0ae000)
	/lib64/ld-linux-x86-64.so.2 (0x00007fe62f1a6000)
`;
const musl = `	/lib/ld-musl-x86_64.so.1 (0x7f1111111000)
	libstdc++.so.6 => /usr/lib/libstdc++.so.6 (0x7f2222222000)
	libc.musl-x86_64.so.1 => /lib/ld-musl-x86_64.so.1 (0x7f1111111000)
`;

test("the libraries and the loader are parsed from ldd's output, the kernel page is not", () => {
  expect(librariesIn(glibc, 'node')).toEqual([
    '/lib/x86_64-linux-gnu/libm.so.6',
    '/lib64/ld-linux-x86-64.so.2',
  ]);
});

test("musl's ldd is understood", () => {
  expect(new Set(librariesIn(musl, 'node'))).toEqual(
    new Set(['/lib/ld-musl-x86_64.so.1', '/usr/lib/libstdc++.so.6']),
  );
});

test('a missing library is reported', () => {
  expect(() => librariesIn('	libodd.so.1 => not found\n', '/opt/node')).toThrow(
    '/opt/node needs libodd.so.1, which is not on this machine',
  );
});

test.runIf(process.platform === 'linux')('the node that runs this has a C library', async () => {
  expect((await sharedLibraries(process.execPath)).join('\n')).toMatch(/\/(libc\.so|ld-musl)/);
});

test('the libraries that native addons expect are taken from beside the C library, and from nowhere else', () => {
  const folder = temporaryFolder();
  const here = (name: string) => join(folder, name);
  for (const name of ['libc.so.6', 'librt.so.1', 'libdl.so.2', 'libpthread.so.0', 'libother.so.1']) {
    writeFileSync(here(name), '');
  }
  const found = addonLibraries([here('libm.so.6'), here('libc.so.6')]);
  expect(found.sort()).toEqual(['libdl.so.2', 'libpthread.so.0', 'librt.so.1'].map(here));
  expect(addonLibraries(['/lib/ld-musl-x86_64.so.1'])).toEqual([]);
});

test('a folder is copied with its modes; links in it stay links', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'in'));
  writeFileSync(join(folder, 'in', 'script'), '', { mode: 0o700 });
  writeFileSync(join(folder, 'in', 'text'), '', { mode: 0o600 });
  symlinkSync('in/text', join(folder, 'link'));
  const entries = await folderEntries(folder, 'usr/x');
  expect(entries.map(({ path }) => path).sort()).toEqual([
    'usr/x',
    'usr/x/in',
    'usr/x/in/script',
    'usr/x/in/text',
    'usr/x/link',
  ]);
  const at = (path: string) => entries.find((entry) => entry.path === path);
  expect(at('usr/x/in/script')).toMatchObject({ kind: 'copy', mode: 0o755 });
  expect(at('usr/x/in/text')).toMatchObject({ kind: 'copy', mode: 0o644 });
  expect(at('usr/x/link')).toMatchObject({ kind: 'link', target: 'in/text' });
});

function npmIn(folder: string): string {
  mkdirSync(join(folder, 'node_modules', 'semver'), { recursive: true });
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'npm-cli.js'), '');
  return folder;
}

test('npm is found in lib/node_modules beside node', async () => {
  const prefix = temporaryFolder();
  const npm = npmIn(join(prefix, 'lib', 'node_modules', 'npm'));
  expect(await npmFolder(join(prefix, 'bin', 'node'))).toBe(npm);
});

test('npm is found where the npm beside node points', async () => {
  const prefix = temporaryFolder();
  const npm = npmIn(join(prefix, 'elsewhere', 'npm'));
  mkdirSync(join(prefix, 'bin'));
  symlinkSync(join(npm, 'bin', 'npm-cli.js'), join(prefix, 'bin', 'npm'));
  expect(await npmFolder(join(prefix, 'bin', 'node'))).toBe(npm);
});

test('an npm that a distribution has split up does not count', async () => {
  const prefix = temporaryFolder();
  mkdirSync(join(prefix, 'lib', 'node_modules', 'npm'), { recursive: true });
  expect(await npmFolder(join(prefix, 'bin', 'node'))).toBeUndefined();
});
