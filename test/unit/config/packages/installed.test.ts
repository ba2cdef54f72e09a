import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installManager, type PackageManagerName } from '../../../../config/packages/install-command.ts';
import { installedPackages } from '../../../../config/packages/installed.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-installed-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

type Files = Readonly<Record<string, string>>;
const put = (files: Files) => {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
};

const npmLock = (version: string) =>
  JSON.stringify({
    packages: {
      '': { name: 'x' },
      'packages/a': { version: '1.0.0' },
      'node_modules/a': { resolved: 'packages/a', link: true },
      'node_modules/is-odd': { version, resolved: 'https://r/is-odd.tgz', integrity: `sha512-${version}` },
      'node_modules/@esbuild/aix-ppc64': { version: '0.25.0', optional: true },
      // As npm 11 leaves an optional peer that nobody asked for.
      'node_modules/yaml': { version: '2.9.1', extraneous: true },
    },
  });
const npmCopy = JSON.stringify({
  packages: {
    'packages/a': { version: '1.0.0' },
    'node_modules/a': { resolved: 'packages/a', link: true },
    'node_modules/is-odd': { version: '3.0.1', resolved: 'https://r/is-odd.tgz', integrity: 'sha512-3.0.1' },
  },
});
const pnpmLock = (version: string) =>
  `lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      is-odd: {specifier: ${version}, version: ${version}}\n  packages/a:\n    dependencies:\n      is-odd: {specifier: ${version}, version: ${version}}\n`;
const yarn1Lock = (version: string) =>
  `# yarn lockfile v1\n\n\nis-odd@^3.0.0, "is-odd@3 || 4":\n  version "${version}"\n  resolved "https://r/is-odd-${version}.tgz#abc"\n  integrity sha512-x==\n`;
const yarn1Entries = {
  'is-odd@^3.0.0': 'https://r/is-odd-3.0.1.tgz#abc',
  'is-odd@3 || 4': 'https://r/is-odd-3.0.1.tgz#abc',
};
const systemParams = `${process.platform}-${process.arch}-${process.versions.modules}`;
const yarn4Lock = (version: string) =>
  `__metadata:\n  version: 8\n\n"is-odd@npm:^3":\n  version: ${version}\n  resolution: "is-odd@npm:${version}"\n\n"@esbuild/aix-ppc64@npm:0.25.0":\n  resolution: "@esbuild/aix-ppc64@npm:0.25.0"\n  conditions: os=aix\n`;
const bunLock = (version: string) =>
  `{\n  "lockfileVersion": 1,\n  "packages": {\n    "is-odd": ["is-odd@${version}", "", {}, "sha512-x"],\n    "@esbuild/aix": ["@esbuild/aix@1.0.0", "", { "os": "aix" }, "sha512-x"],\n  },\n}\n`;
const installedIsOdd = { 'node_modules/is-odd/package.json': '{"version":"3.0.1"}' };

interface Case {
  readonly manager: PackageManagerName;
  readonly lockFile: string;
  readonly lock: (version: string) => string;
  readonly there: Files;
}
const cases: readonly Case[] = [
  {
    manager: 'npm',
    lockFile: 'package-lock.json',
    lock: npmLock,
    there: {
      'node_modules/.package-lock.json': npmCopy,
      'node_modules/a/package.json': '{}',
      'packages/a/package.json': '{}',
      ...installedIsOdd,
    },
  },
  {
    manager: 'pnpm',
    lockFile: 'pnpm-lock.yaml',
    lock: pnpmLock,
    there: {
      'node_modules/.modules.yaml':
        '{"included":{"dependencies":true,"devDependencies":true},"pendingBuilds":[],"virtualStoreDir":".pnpm"}',
      'node_modules/.pnpm/lock.yaml': pnpmLock('3.0.1'),
      'packages/a/node_modules/is-odd/package.json': '{}',
      ...installedIsOdd,
    },
  },
  {
    manager: 'yarn',
    lockFile: 'yarn.lock',
    lock: yarn1Lock,
    there: {
      'node_modules/.yarn-integrity': JSON.stringify({
        systemParams,
        flags: [],
        topLevelPatterns: ['is-odd@^3.0.0'],
        lockfileEntries: yarn1Entries,
      }),
      ...installedIsOdd,
    },
  },
  {
    manager: 'yarn',
    lockFile: 'yarn.lock',
    lock: yarn4Lock,
    there: {
      'node_modules/.yarn-state.yml':
        '__metadata:\n  version: 1\n"is-odd@virtual:abc#npm:3.0.1":\n  locations:\n    - "node_modules/is-odd"\n',
      ...installedIsOdd,
    },
  },
  { manager: 'bun', lockFile: 'bun.lock', lock: bunLock, there: installedIsOdd },
];

test.each(cases)('packages that $manager installed are right', async ({ manager, lockFile, lock, there }) => {
  put({ ...there, [lockFile]: lock('3.0.1') });
  expect(await installedPackages(manager, folder)).toEqual({ state: 'right', lockFile });
});

test.each(cases)('packages of $manager are wrong after the lock file changed', async (one) => {
  const { manager, lockFile, lock, there } = one;
  put({ ...there, [lockFile]: lock('3.0.2') });
  expect(await installedPackages(manager, folder)).toEqual({ state: 'wrong', lockFile });
});

test.each(cases)('packages of $manager are not right when one is gone', async (one) => {
  const { manager, lockFile, lock, there } = one;
  put({ ...there, [lockFile]: lock('3.0.1') });
  rmSync(join(folder, 'node_modules', 'is-odd'), { recursive: true });
  expect((await installedPackages(manager, folder)).state).toBe('wrong');
});

test.each(cases)('packages of $manager are not right without node_modules', async (one) => {
  put({ [one.lockFile]: one.lock('3.0.1') });
  expect((await installedPackages(one.manager, folder)).state).not.toBe('right');
});

test.each([
  ['pnpm', 'node_modules/.modules.yaml', '{"included":{"devDependencies":false}}'],
  ['pnpm', 'node_modules/.modules.yaml', '{"pendingBuilds":["esbuild@0.25.0"]}'],
  ['yarn', '.pnp.cjs', ''],
  ['npm', 'package-lock.json', '{"lockfileVersion":1,"dependencies":{}}'],
  ['npm', 'package-lock.json', '<<<<<<< HEAD'],
] as const)('%s with %s: %s is never taken for right', async (manager, file, text) => {
  const { lockFile, lock, there } = cases.find((one) => one.manager === manager) ?? fail(manager);
  put({ ...there, [lockFile]: lock('3.0.1'), [file]: text });
  expect((await installedPackages(manager, folder)).state).not.toBe('right');
});

test.each([
  ['npm ci', 'npm'],
  ['npm ci --no-audit --no-fund', 'npm'],
  ['corepack pnpm install --frozen-lockfile', 'pnpm'],
  ['yarn', 'yarn'],
  ['yarn install --immutable', 'yarn'],
  ['bun install', 'bun'],
  ['npm install left-pad', undefined],
  ['npm ci --prefix web', undefined],
  ['npm ci --omit=dev', undefined],
  ['cd web && npm ci', undefined],
  ['npm ci; npm run build', undefined],
  ['npm run build', undefined],
  ['pip install -r requirements.txt', undefined],
])('%s only installs packages of its folder: %s', (command, manager) => {
  expect(installManager(command)).toBe(manager);
});

function fail(manager: string): never {
  throw new Error(`no case of ${manager}`);
}

test('packages of npm with a native part that was not built are not known to be right', async () => {
  const native = {
    version: '1.0.0',
    resolved: 'https://r/n.tgz',
    integrity: 'sha512-n',
    hasInstallScript: true,
  };
  const packages = JSON.stringify({ packages: { 'node_modules/n': native } });
  put({
    'package-lock.json': packages,
    'node_modules/.package-lock.json': packages,
    'node_modules/n/package.json': '{}',
  });
  const state = async () => (await installedPackages('npm', folder)).state;
  expect(await state()).toBe('right');
  put({ 'node_modules/n/binding.gyp': '{}' });
  expect(await state()).toBe('unknown');
  put({ 'node_modules/n/build/Release/n.node': '' });
  expect(await state()).toBe('right');
});
