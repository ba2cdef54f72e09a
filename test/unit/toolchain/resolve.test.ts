import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { planJobs } from '../../../toolchain/jobs.ts';
import { statuses } from '../../../toolchain/list.ts';
import { manifest } from '../../../toolchain/manifest.ts';
import type { Program } from '../../../toolchain/manifest-entry.ts';
import { ensure, program as pathOf } from '../../../toolchain/toolchain.ts';
import { programWith, recorder, script, standInGo, type TestMachine, testMachine } from './machine.ts';

let machine: TestMachine;
afterEach(() => machine.remove());

const built = programWith({ fallback: { kind: 'go', module: 'tool', package: 'example.com/tool' } });

async function putIntoCache(name: string, version: string): Promise<string> {
  const folder = join(machine.folder, name, version);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), 'program');
  return join(folder, name);
}

test('the cache comes before PATH', async () => {
  machine = await testMachine({ tool: built });
  const path = await putIntoCache('tool', '1.2.3');
  await script(join(machine.bin, 'tool'), 'echo 1.2.3');
  expect((await ensure(['tool'], { machine })).tool).toMatchObject({
    path,
    version: '1.2.3',
    source: 'cache',
  });
});

test('the version that only the fallback has counts in the cache too', async () => {
  const older = programWith({
    fallback: { kind: 'go', module: 'tool', package: 'example.com/tool', version: '1.0.0' },
  });
  machine = await testMachine({ tool: older });
  await putIntoCache('tool', '1.0.0');
  expect((await ensure(['tool'], { machine })).tool?.version).toBe('1.0.0');
});

test('another version in the cache does not count', async () => {
  machine = await testMachine({ tool: built });
  await standInGo(machine);
  await putIntoCache('tool', '1.2.2');
  expect((await ensure(['tool'], { machine })).tool).toMatchObject({ version: '1.2.3', source: 'registry' });
});

test('a fitting program on PATH comes before any download or build, and is remembered', async () => {
  machine = await testMachine({ tool: built });
  await standInGo(machine);
  const path = await script(join(machine.bin, 'tool'), `echo asked >> ${machine.root}/asked; echo 1.9.0`);
  for (let run = 0; run < 2; run += 1) {
    expect((await ensure(['tool'], { machine })).tool).toMatchObject({
      path,
      version: '1.9.0',
      source: 'path',
    });
  }
  expect(readFileSync(join(machine.root, 'asked'), 'utf8')).toBe('asked\n');
  expect(existsSync(join(machine.root, 'builds'))).toBe(false);
});

test('the registry is the last resort (with a stand-in for go), and leaves nothing unfinished', async () => {
  machine = await testMachine({ tool: built });
  await standInGo(machine);
  const { tool } = await ensure(['tool'], { machine });
  expect(tool).toMatchObject({ source: 'registry', path: join(machine.folder, 'tool', '1.2.3', 'tool') });
  expect(await readdir(join(machine.folder, '.partial'))).toEqual([]);
  expect((await ensure(['tool'], { machine })).tool?.source).toBe('cache');
});

test('the answer is in the order of the question, whatever had to be installed (with a stand-in for go)', async () => {
  machine = await testMachine({ tool: built, there: built });
  await standInGo(machine);
  await putIntoCache('there', '1.2.3');
  expect(Object.keys(await ensure(['tool', 'there'], { machine }))).toEqual(['tool', 'there']);
});

test('programs of one Go module are built by one go build (with a stand-in for go)', async () => {
  const other = programWith({ fallback: { kind: 'go', module: 'tool', package: 'example.com/other' } });
  machine = await testMachine({ tool: built, other });
  await standInGo(machine);
  const progress = recorder();
  const resolved = await ensure(['tool', 'other'], { machine, progress });
  expect(Object.keys(resolved)).toEqual(['tool', 'other']);
  expect(readFileSync(join(machine.root, 'builds'), 'utf8').trim().split('\n')).toHaveLength(1);
  expect(progress.lines.at(-1)).toMatch(/^done building tool .*: tool, other$/);
});

test('the fast path locates a program without starting any, and returns nothing if it is missing', async () => {
  machine = await testMachine({ ...manifest.programs });
  expect(pathOf('kubectl', machine)).toBeUndefined();
  const path = await putIntoCache('kubectl', manifest.programs.kubectl.version);
  expect(pathOf('kubectl', machine)).toBe(path);
});

test('a whole cached toolchain is resolved without reading PATH, the disk or a registry', async () => {
  machine = await testMachine({ ...manifest.programs });
  for (const [name, { version }] of Object.entries(manifest.programs)) await putIntoCache(name, version);
  const names = Object.keys(manifest.programs);
  const refuse = () => {
    throw new Error('this takes time');
  };
  const cacheAlone = { ...machine, locate: refuse, freeMiB: refuse };
  Object.defineProperty(cacheAlone, 'searchPath', { get: refuse });
  const progress = recorder();
  const resolved = await ensure(names, { machine: cacheAlone, progress });
  expect(Object.keys(resolved)).toEqual(names);
  expect(progress.lines).toEqual([]);
});

const release = {
  url: 'https://releases.example/{version}/tool-{platform}',
  platforms: { 'linux-amd64': 'linux_x64' },
  checksum: { url: 'https://releases.example/{version}/sums.txt', format: 'sums' },
} as const;
const plan = (program: Program, whyNot: string | undefined) =>
  planJobs(machine, [{ name: 'tool', program }], async () => whyNot);

test('a release comes before a registry if its host can be used', async () => {
  machine = await testMachine({});
  const { jobs } = await plan({ ...built, release }, undefined);
  expect(jobs).toMatchObject([{ kind: 'release', url: 'https://releases.example/1.2.3/tool-linux_x64' }]);
});

test('a registry takes over if the release host cannot be used', async () => {
  machine = await testMachine({});
  expect((await plan({ ...built, release }, 'it does not answer')).jobs).toMatchObject([{ kind: 'go' }]);
});

test('a registry takes over on a platform for which the project publishes nothing', async () => {
  machine = await testMachine({}, { platform: 'linux-arm64' });
  expect((await plan({ ...built, release }, undefined)).jobs).toMatchObject([{ kind: 'go' }]);
});

test('a program that cannot be installed in any way is a problem with the reason', async () => {
  machine = await testMachine({});
  const { problems } = await plan(programWith({ release }), 'it does not answer');
  expect(problems).toEqual([
    'tool: releases.example cannot be used: it does not answer; no package registry has it either: not in one',
  ]);
});

test('Debian packages are installed together', async () => {
  machine = await testMachine({});
  const from = (name: string) =>
    programWith({ fallback: { kind: 'debian', package: name, file: `/usr/bin/${name}` } });
  const { jobs } = await planJobs(
    machine,
    [
      { name: 'one', program: from('one') },
      { name: 'two', program: from('two') },
    ],
    async () => undefined,
  );
  expect(jobs).toMatchObject([{ kind: 'debian', packages: ['one', 'two'] }]);
});

test('Go builds keep the order of the table, whatever order is asked for', async () => {
  machine = await testMachine({ ...manifest.programs }, { manifest });
  const missing = (['pulumi', 'kine', 'kubelet'] as const).map((name) => ({
    name,
    program: manifest.programs[name],
  }));
  const { jobs } = await planJobs(machine, missing, async () => 'it does not answer');
  expect(jobs.map(({ id }) => id)).toEqual(['go-kubernetes', 'go-kine', 'go-pulumi']);
});

test('the list reports what every program is or would be, and which were passed over', async () => {
  const debian = programWith({ fallback: { kind: 'debian', package: 'deb-tool', file: '/usr/bin/tool' } });
  machine = await testMachine({
    cachedTool: built,
    old: built,
    debian,
    mac: programWith({ systems: ['darwin'] }),
  });
  await putIntoCache('cachedTool', '1.2.3');
  await script(join(machine.bin, 'old'), 'echo 0.1.0');
  const rows = Object.fromEntries((await statuses(machine)).map((row) => [row.name, row]));
  expect(rows.cachedTool).toMatchObject({ state: 'ready', source: 'cache' });
  expect(rows.old).toMatchObject({ state: 'missing', source: 'registry' });
  expect(rows.old?.passedOver[0]).toContain('is 0.1.0');
  expect(rows.debian?.detail).toContain('sudo apt-get update && sudo apt-get install --yes deb-tool');
  expect(rows.mac).toMatchObject({ state: 'other-system' });
});
