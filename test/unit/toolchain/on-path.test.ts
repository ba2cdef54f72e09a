import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findOnPath, needsLoader } from '../../../toolchain/find.ts';
import type { Program } from '../../../toolchain/manifest-entry.ts';
import { readMemory, recall, remember } from '../../../toolchain/memory.ts';
import { programWith, script, type TestMachine, testMachine } from './machine.ts';

let machine: TestMachine;
beforeEach(async () => {
  machine = await testMachine({});
});
afterEach(() => machine.remove());

const find = (program: Program) => findOnPath(machine, 'tool', program);

test('a program whose version is in the range is taken, with its version', async () => {
  const path = await script(join(machine.bin, 'tool'), 'echo tool version v1.4.0~ds1-1+deb12u3');
  expect(await find(programWith({}))).toEqual({ found: { path, version: '1.4.0' }, passedOver: [] });
});

test('a version outside the range is passed over, with the reason', async () => {
  const path = await script(join(machine.bin, 'tool'), 'echo 0.9.0');
  expect(await find(programWith({}))).toEqual({
    passedOver: [{ path, why: 'is 0.9.0, and >=1.0.0 is needed' }],
  });
});

test('a program that prints no version is passed over', async () => {
  await script(join(machine.bin, 'tool'), 'echo kine version dev');
  expect((await find(programWith({}))).passedOver[0]?.why).toBe('does not report its version');
});

test('the first fitting one of several on PATH is taken', async () => {
  const second = join(machine.root, 'second');
  await script(join(machine.bin, 'tool'), 'echo 0.9.0');
  const path = await script(join(second, 'tool'), 'echo 1.1.0');
  machine = { ...machine, searchPath: [machine.bin, second] };
  expect((await find(programWith({}))).found?.path).toBe(path);
});

test('a program that is never taken from PATH is not even run', async () => {
  await script(join(machine.bin, 'tool'), `touch ${machine.root}/asked; echo 1.2.3`);
  expect(await find(programWith({ onPath: { never: 'it cannot be told' } }))).toEqual({ passedOver: [] });
});

test('a program without its companions is passed over', async () => {
  await script(join(machine.bin, 'tool'), 'echo 1.2.3');
  const program = programWith({ onPath: { fits: '*', ask: ['-v'], companions: ['tool-save'] } });
  expect((await find(program)).passedOver[0]?.why).toBe('has no tool-save beside it');
  await script(join(machine.bin, 'tool-save'), '');
  expect((await find(program)).found?.version).toBe('1.2.3');
});

test('a folder is found by a file in it, at a place outside PATH, and its last number counts if the manifest says so', async () => {
  const folder = join(machine.root, 'cni');
  await script(join(folder, 'bridge'), 'echo protocols 0.4.0, 1.1.0');
  const program = programWith({
    kind: 'folder',
    onPath: { fits: '>=1.0.0', ask: ['-v'], number: 'last', file: 'bridge', alsoIn: [folder] },
  });
  expect((await find(program)).found).toEqual({ path: folder, version: '1.1.0' });
});

test('a dynamically linked program does not fit if a static one is needed', async () => {
  await copyFile(process.execPath, join(machine.bin, 'tool'));
  expect(await needsLoader(join(machine.bin, 'tool'))).toBe(true);
  const program = programWith({ onPath: { fits: '*', ask: ['--version'], static: true } });
  expect((await find(program)).passedOver[0]?.why).toContain('dynamically linked');
});

test('a 64-bit ELF file without an interpreter counts as static', async () => {
  const head = Buffer.alloc(64);
  head.write('\x7fELF', 'latin1');
  head.writeBigUInt64LE(64n, 32);
  head.writeUInt16LE(56, 54);
  head.writeUInt16LE(1, 56);
  const load = Buffer.alloc(56);
  load.writeUInt32LE(1, 0);
  const file = join(machine.root, 'static');
  await writeFile(file, Buffer.concat([head, load]));
  expect(await needsLoader(file)).toBe(false);
  load.writeUInt32LE(3, 0);
  await writeFile(file, Buffer.concat([head, load]));
  expect(await needsLoader(file)).toBe(true);
});

test('a find is remembered until the file or the requirements change', async () => {
  const program = programWith({});
  const path = await script(join(machine.bin, 'tool'), 'echo 1.2.3');
  await remember(machine, { tool: { found: { path, version: '1.2.3' }, program } });
  expect(recall(readMemory(machine), 'tool', program)).toEqual({ path, version: '1.2.3' });
  const stricter = programWith({ onPath: { fits: '>=2.0.0', ask: ['--version'] } });
  expect(recall(readMemory(machine), 'tool', stricter)).toBeUndefined();
  await script(path, 'echo another version 1.3.0');
  expect(recall(readMemory(machine), 'tool', program)).toBeUndefined();
});

test('a memory that is not JSON counts as none', async () => {
  await mkdir(machine.folder, { recursive: true });
  await writeFile(join(machine.folder, 'found.json'), '{"tool":');
  expect(readMemory(machine)).toEqual({});
});
