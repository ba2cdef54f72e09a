import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { packageRoot } from '../../../core/package-root.ts';
import { ensure } from '../../../toolchain/toolchain.ts';
import { programWith, recorder, script, standInGo, type TestMachine, testMachine } from './machine.ts';

const tool = programWith({ fallback: { kind: 'go', module: 'tool', package: 'example.com/tool' } });
let machine: TestMachine;
let children: ChildProcess[];

beforeEach(async () => {
  machine = await testMachine({ tool });
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await machine.remove();
});

const until = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 50_000, interval: 20 });
const builds = () => {
  const file = join(machine.root, 'builds');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').length : 0;
};
/** A process that has ended but was not waited for (state Z) is not alive: here process 1 may be slow to do so. */
const isAlive = (pid: number) => {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
};

/** Inside the package, so that it finds its modules. */
const bundle = join(packageRoot(), 'node_modules', '.cache', 'coppice-test', `another-wt-${process.pid}.mjs`);
beforeAll(() =>
  build({
    entryPoints: [join(import.meta.dirname, 'another-wt.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  }),
);
afterAll(() => rm(bundle, { force: true }));

interface Wt {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

/** Another process that wants the same program. */
function anotherWt(): Wt {
  const child = spawn(process.execPath, [bundle, machine.root, machine.bin], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  return { child, output: () => output, ended: new Promise((resolve) => child.on('close', resolve)) };
}

test('two processes share one build: the second reports that it waits, then finds the result (with a stand-in for go)', async () => {
  await standInGo(machine, true);
  const first = anotherWt();
  await until(() => builds() === 1);
  const second = anotherWt();
  await until(() => second.output().includes('waiting for another wt that is installing'));
  await writeFile(join(machine.root, 'go-on'), '');
  expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0]);
  expect(builds()).toBe(1);
  expect(second.output()).toContain('done another wt has installed it in the meantime');
  for (const { output } of [first, second])
    expect(output()).toContain(join(machine.folder, 'tool', '1.2.3', 'tool'));
});

test('what a killed process left unfinished is removed by the next, which completes it (with a stand-in for go)', async () => {
  await standInGo(machine, true);
  const first = anotherWt();
  await until(() => builds() === 1);
  first.child.kill('SIGKILL');
  await first.ended;
  expect(await readdir(join(machine.folder, '.partial'))).toHaveLength(1);
  await writeFile(join(machine.root, 'go-on'), '');
  const { tool: completed } = await ensure(['tool'], { machine });
  expect(completed?.source).toBe('registry');
  expect(await readdir(join(machine.folder, '.partial'))).toEqual([]);
});

test('Ctrl+C ends the build with all its children and leaves nothing unfinished (with a stand-in for go)', async () => {
  await standInGo(machine);
  const pids = join(machine.root, 'pids');
  await script(
    join(machine.bin, 'go'),
    `if [ "$1" = env ]; then printf 'go1.26.0\\nlocal\\n/\\n/\\n'; exit; fi
sh -c 'echo $$ >> "$ROOT/pids"; while :; do sleep 0.1; done' &
echo $$ >> "$ROOT/pids"
wait`,
  );
  const wt = anotherWt();
  await until(() => existsSync(pids) && readFileSync(pids, 'utf8').trim().split('\n').length === 2);
  wt.child.kill('SIGINT');
  expect(await wt.ended).not.toBe(0);
  const alive = readFileSync(pids, 'utf8').trim().split('\n').map(Number).filter(isAlive);
  expect(alive).toEqual([]);
  expect(wt.output()).toContain('interrupted');
  expect(await readdir(join(machine.folder, '.partial'))).toEqual([]);
  expect(existsSync(join(machine.folder, 'tool'))).toBe(false);
});

test("a caller's own signal ends a build in the same way (with a stand-in for go)", async () => {
  await standInGo(machine, true);
  const abort = new AbortController();
  const progress = recorder();
  const work = ensure(['tool'], { machine, progress, signal: abort.signal });
  const outcome = expect(work).rejects.toThrow('enough');
  await until(() => builds() === 1);
  abort.abort(new Error('enough'));
  await outcome;
  expect(progress.lines.at(-1)).toMatch(/^fail .*interrupted$/);
  expect(await readdir(join(machine.folder, '.partial'))).toEqual([]);
});

test('a failed job stops the others before the error is reported (with a stand-in for go)', async () => {
  await standInGo(machine, true);
  const broken = programWith({ fallback: { kind: 'pip', package: 'broken', file: 'bin/broken' } });
  await script(
    join(machine.bin, 'python3'),
    `case "$*" in *--version) echo pip 1 ;; *) while [ ! -e "$ROOT/builds" ]; do sleep 0.05; done; echo 'no matching distribution'; exit 1 ;; esac`,
  );
  machine = { ...machine, manifest: { ...machine.manifest, programs: { tool, broken } } };
  await expect(ensure(['tool', 'broken'], { machine })).rejects.toMatchObject({
    code: 'COPPICE_BUILD',
    message: expect.stringContaining('broken: pip install of broken failed\n  no matching distribution'),
  });
  expect(await readdir(join(machine.folder, '.partial'))).toEqual([]);
});

test('a version folder whose program a user deleted by hand is replaced (with a stand-in for go)', async () => {
  await standInGo(machine);
  await mkdir(join(machine.folder, 'tool', '1.2.3'), { recursive: true });
  expect((await ensure(['tool'], { machine })).tool?.source).toBe('registry');
});
