import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { installManager } from '../../../../config/packages/install-command.ts';
import { missingProgram } from '../../../../config/packages/missing-program.ts';
import { isOnPath, throughNpx, wantedManager, waysToInstall } from '../../../../config/packages/obtain.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-obtain-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the version of a package manager that a repository asks for', () => {
  test.each([
    ['pnpm', { 'package.json': '{"packageManager":"pnpm@9.15.9+sha512.abc"}' }, '9.15.9'],
    ['pnpm', { 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n" }, '10'],
    ['pnpm', { 'pnpm-lock.yaml': "lockfileVersion: '6.0'\n" }, '8'],
    ['pnpm', { 'pnpm-lock.yaml': 'lockfileVersion: 5.4\n' }, '7'],
    ['pnpm', { 'package.json': '{"packageManager":"yarn@4.5.0"}' }, '10'],
    ['yarn', { 'yarn.lock': '# yarn lockfile v1\n' }, '1'],
    ['yarn', { 'yarn.lock': '__metadata:\n  version: 8\n' }, '4'],
    ['bun', {}, '1'],
  ] as const)('%s with %j', async (name, files, version) => {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    expect(await wantedManager(name, folder)).toEqual({ name, version });
  });
});

test('npm runs each of them, under the name that its package has', () => {
  expect(throughNpx({ name: 'pnpm', version: '9.15.9' }, 'install --frozen-lockfile')).toBe(
    'npx --yes pnpm@9.15.9 install --frozen-lockfile',
  );
  expect(throughNpx({ name: 'yarn', version: '4.5.0' }, '')).toBe('npx --yes @yarnpkg/cli-dist@4.5.0');
});

test('Corepack is named where it is there and has the manager', () => {
  const ways = (['pnpm@9', 'yarn@1', 'yarn@4', 'bun@1'] as const).map((text) => {
    const [name, version] = text.split('@') as ['pnpm' | 'yarn' | 'bun', string];
    return [true, false].map((corepack) => waysToInstall({ name, version }, corepack));
  });
  expect(ways).toEqual([
    ['`corepack enable pnpm`', '`npm install --global pnpm@9`'],
    ['`corepack enable yarn`', '`npm install --global yarn@1`'],
    ['`corepack enable yarn`', '`npm install --global corepack && corepack enable yarn`'],
    ['`npm install --global bun@1`', '`npm install --global bun@1`'],
  ]);
});

test.each([
  ['npx --yes pnpm@9.15.9 install --frozen-lockfile', 'pnpm'],
  ['npx -y yarn@1 install --frozen-lockfile', 'yarn'],
  ['npx --yes @yarnpkg/cli-dist@4 install --immutable', 'yarn'],
  ['corepack pnpm install --frozen-lockfile', 'pnpm'],
  ['npx prisma generate', undefined],
  ['npx --yes', undefined],
])('`%s` installs by %s', (command, name) => {
  expect(installManager(command)).toBe(name);
});

test('a program is on PATH if a folder of it has a file that may run', async () => {
  mkdirSync(join(folder, 'bin', 'yarn'), { recursive: true });
  for (const name of ['pnpm', 'bun']) writeFileSync(join(folder, 'bin', name), '');
  chmodSync(join(folder, 'bin', 'pnpm'), 0o755);
  const found = await Promise.all(
    ['pnpm', 'bun', 'yarn', 'npm'].map((name) => isOnPath(name, `:${folder}/bin`)),
  );
  expect(found).toEqual([true, false, false, false]);
  expect(await isOnPath('pnpm', undefined)).toBe(false);
});

test.each([
  ['sh: 1: pnpm: not found', 'pnpm'],
  ['sh: pnpm: not found', 'pnpm'],
  ['/bin/sh: line 1: yarn: command not found', 'yarn'],
  ['/bin/sh: exec: line 0: bun: not found', 'bun'],
  ['sh: exec: pnpm: not found', 'pnpm'],
  ['exec: "yarn": executable file not found in $PATH: unknown', 'yarn'],
  ['Error: spawn pnpm ENOENT', 'pnpm'],
  ['Error: user: not found', undefined],
])('the program that is missing by `%s` is %s', (line, program) => {
  expect(missingProgram(['before', line, 'after'])).toBe(program);
});
