import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { forgetEverything } from '../../../../app/clusters/forget.ts';
import { stateChecks } from '../../../../app/doctor/states.ts';
import { historyFolder, stateFile } from '../../../../app/engine/backend-files.ts';
import { restoreStack } from '../../../../app/engine/checkpoint.ts';
import { allStacks, beginStack, readStack } from '../../../../app/engine/stack-state.ts';

const name = { project: 'shop', stack: 'feat-a' };
const other = { project: 'shop', stack: 'feat-b' };

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-checkpoint-'));
  vi.stubEnv('XDG_DATA_HOME', folder);
  file = stateFile(name);
  mkdirSync(dirname(file), { recursive: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** A state with one resource, whose URN tells it from others. */
function state(urn: string, time = '2026-11-30T07:00:00Z'): string {
  const resources = [{ urn, type: 'coppice:index:Environment' }];
  return JSON.stringify({ version: 3, checkpoint: { latest: { manifest: { time }, resources } } });
}

const begun = JSON.stringify({ version: 3, checkpoint: { stack: 'organization/shop/feat-a' } });
const urnOf = async () => (await readStack(name))?.resources.map(({ urn }) => urn);

function history(text: string | Buffer, update: number): void {
  mkdirSync(historyFolder(name), { recursive: true });
  writeFileSync(join(historyFolder(name), `feat-a-${update}.checkpoint.json`), text);
}

const damages = [
  '',
  '\0\0\0\0',
  '{"version":3,"checkpoint":{"stack":"org',
  '[]',
  '{}',
  '{"version":3,"checkpoint":{"latest":{"resources":7}}}',
];

it.each(damages)('reads the whole copy beside a state that is %j, and changes nothing', async (text) => {
  writeFileSync(file, text);
  writeFileSync(`${file}.bak`, state('copy'));
  expect(await urnOf()).toEqual(['copy']);
  expect(readFileSync(file, 'utf8')).toBe(text);
});

it.each(damages)('puts the whole copy in the place of a state that is %j, which it keeps', async (text) => {
  writeFileSync(file, text);
  writeFileSync(`${file}.bak`, state('copy'));
  const restored = await restoreStack(name);
  expect(restored).toMatchObject({ copy: `${file}.bak`, from: '2026-11-30T07:00:00Z' });
  expect(readFileSync(restored?.aside ?? '', 'utf8')).toBe(text);
  expect(readFileSync(file, 'utf8')).toBe(state('copy'));
  expect(readFileSync(`${file}.bak`, 'utf8')).toBe(state('copy'));
  expect(await allStacks()).toEqual([name]);
  expect(await restoreStack(name)).toBeUndefined();
});

it.each(damages)('stops when state and copy are %j', async (text) => {
  writeFileSync(file, text);
  writeFileSync(`${file}.bak`, text);
  const error = { code: 'COPPICE_DAMAGED', message: expect.stringContaining(file) };
  for (const act of [readStack, restoreStack]) await expect(act(name)).rejects.toMatchObject(error);
  expect(readFileSync(file, 'utf8')).toBe(text);
});

it('takes a stack that is absent for absent, though the engine leaves a copy of a removed one', async () => {
  writeFileSync(`${file}.bak`, state('removed'));
  expect(await readStack(name)).toBeUndefined();
  expect(await restoreStack(name)).toBeUndefined();
});

it('takes what the last update left, where the copy is older', async () => {
  writeFileSync(file, '{');
  writeFileSync(`${file}.bak`, state('copy', '2026-11-30T06:00:00Z'));
  history(state('old', '2026-11-30T05:00:00Z'), 1);
  history(state('last', '2026-11-30T07:00:00Z'), 2);
  history('{', 3);
  expect(await urnOf()).toEqual(['last']);
});

it('does not take a copy without a deployment for the state of a stack that was updated', async () => {
  writeFileSync(file, '{');
  writeFileSync(`${file}.bak`, begun);
  expect(await urnOf()).toEqual([]);
  history('{', 1);
  await expect(readStack(name)).rejects.toMatchObject({ code: 'COPPICE_DAMAGED' });
});

it('reads a compressed state where that is the newer one', async () => {
  writeFileSync(file, state('plain'));
  utimesSync(file, 1, 1);
  writeFileSync(`${file}.gz`, gzipSync(state('compressed')));
  expect(await urnOf()).toEqual(['compressed']);
  expect(await allStacks()).toEqual([name]);
});

it('restores a compressed state that is cut short', async () => {
  writeFileSync(`${file}.gz`, gzipSync(state('compressed')).subarray(0, 40));
  writeFileSync(`${file}.gz.bak`, gzipSync(state('copy')));
  await restoreStack(name);
  expect(await urnOf()).toEqual(['copy']);
  expect(existsSync(`${file}.gz`)).toBe(false);
});

it('leaves a state of a newer format alone', async () => {
  writeFileSync(file, '{"version":9,"checkpoint":{}}');
  writeFileSync(`${file}.bak`, state('copy'));
  await expect(readStack(name)).rejects.toThrow('a newer');
});

it('forgets nothing while a state cannot be read', async () => {
  writeFileSync(file, '{');
  writeFileSync(stateFile(other), state('other'));
  await expect(forgetEverything()).rejects.toMatchObject({ code: 'COPPICE_DAMAGED' });
  expect(readdirSync(dirname(file)).sort()).toEqual(['feat-a.json', 'feat-b.json']);
});

it('names every damaged state in wt doctor, with its cure', async () => {
  await beginStack(other);
  writeFileSync(file, '{');
  writeFileSync(`${file}.bak`, state('copy'));
  writeFileSync(stateFile(other), '');
  expect(await stateChecks()).toEqual([
    {
      name: 'shop/feat-a',
      ok: false,
      detail: expect.stringContaining(`${file}.bak is whole`),
      fix: expect.stringContaining('wt up'),
    },
    {
      name: 'shop/feat-b',
      ok: false,
      detail: expect.stringContaining(stateFile(other)),
      fix: expect.stringContaining('mv'),
    },
  ]);
});
