import { once } from 'node:events';
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
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { forgetEverything, requireForgettable } from '../../../../app/clusters/forget.ts';
import { stateChecks } from '../../../../app/doctor/states.ts';
import { forgetDamagedAttributes } from '../../../../app/engine/attributes.ts';
import { historyFolder, metaFile, stateFile } from '../../../../app/engine/backend-files.ts';
import { keepCopy, restoreStack } from '../../../../app/engine/checkpoint.ts';
import { allStacks, beginStack, readStack, removeStackFiles } from '../../../../app/engine/stack-state.ts';

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

it.each(damages)(
  'puts our own copy in the place of a first state that is %j, as its backup is',
  async (text) => {
    writeFileSync(file, begun);
    await keepCopy(name);
    writeFileSync(file, text);
    writeFileSync(`${file}.bak`, text);
    expect(await restoreStack(name)).toMatchObject({ copy: `${file}.before` });
    expect(readFileSync(file, 'utf8')).toBe(begun);
  },
);

it('takes our own copy where nothing newer is whole', async () => {
  writeFileSync(file, state('before', '2026-11-30T06:00:00Z'));
  await keepCopy(name);
  writeFileSync(file, '{');
  writeFileSync(`${file}.bak`, '{');
  history(state('older', '2026-11-30T05:00:00Z'), 1);
  expect(await urnOf()).toEqual(['before']);
  history(state('by hand', '2026-11-30T07:00:00Z'), 2);
  expect(await urnOf()).toEqual(['by hand']);
});

it('keeps no copy of a stack that is absent', async () => {
  await keepCopy(name);
  expect(readdirSync(dirname(file))).toEqual([]);
});

it('has a state at every moment while a copy takes the place of a damaged one', async () => {
  writeFileSync(file, '{');
  writeFileSync(`${file}.bak`, state('copy'));
  /** Whether it looks, how often it looked, how often the file was absent. */
  const looks = new Int32Array(new SharedArrayBuffer(12));
  const looker = new Worker(
    `const { workerData: { looks, file } } = require('node:worker_threads'); const { existsSync } = require('node:fs');
    while (Atomics.load(looks, 0) === 0) { Atomics.add(looks, 1, 1); if (!existsSync(file)) Atomics.add(looks, 2, 1); }`,
    { eval: true, workerData: { looks, file } },
  );
  await expect.poll(() => Atomics.load(looks, 1)).toBeGreaterThan(0);
  for (let round = 0; round < 50; round++) {
    writeFileSync(file, '{');
    expect(await restoreStack(name)).toBeDefined();
  }
  Atomics.store(looks, 0, 1);
  await once(looker, 'exit');
  expect(Atomics.load(looks, 2)).toBe(0);
});

it('removes what lies beside the state with the stack, and nothing of another stack', async () => {
  const own = ['.json', '.json.bak', '.json.before', '.json.whole', '.json.damaged', '.json.attrs'];
  const killed = ['.json.4711-0badcafe', '.json.before.4711-0badcafe', '.json.18eccb0a805f9248.tmp'];
  const damaged = ['.json.damaged-2026-11-30T10-13-19-105Z', '.json.gz.damaged-2026-11-30T10-13-19-105Z'];
  for (const end of [...own, ...killed, ...damaged]) writeFileSync(join(dirname(file), `feat-a${end}`), '{');
  const others = ['feat-a.json.json', 'feat-ab.json', 'feat-ab.json.damaged', 'other.json.before'];
  for (const another of others) writeFileSync(join(dirname(file), another), '{');
  await removeStackFiles(name);
  expect(readdirSync(dirname(file)).sort()).toEqual(others);
});

it('names in wt doctor each damaged state that is kept, and says which are of no use', async () => {
  writeFileSync(file, begun);
  writeFileSync(`${file}.damaged-2026`, '{');
  writeFileSync(`${stateFile(other)}.damaged`, '{');
  expect(await stateChecks()).toMatchObject([
    { name: 'states', ok: true },
    { name: 'shop/feat-a', ok: true, detail: expect.stringContaining('wt down shop/feat-a') },
    { name: 'shop/feat-b', ok: false, fix: `rm -r '${stateFile(other)}.damaged'` },
  ]);
});

/** As version 3.259.0 of the engine writes it. */
const attributes =
  '{"user.cache_control":"","user.content_disposition":"","user.content_encoding":"","user.content_language":"","user.content_type":"text/plain; charset=utf-8","user.metadata":null,"md5":"aQ5fET0V9jkfNmZ11fLUEw=="}\n';

/** The engine stops at each of these. */
const brokenAttributes = {
  empty: '',
  'cut short': attributes.slice(0, 106),
  'full of NULs': '\0'.repeat(attributes.length),
  'a list': '[]',
  'a text': '"x"',
  'with a number as digest': '{"md5":5}',
  'with a digest that is not base64': '{"md5":"!!"}',
  'with a number as content type': '{"user.content_type":5}',
  'with a text as metadata': '{"user.metadata":"x"}',
  'with a number in its metadata': '{"user.metadata":{"a":5}}',
};

/** Beside the state, its copies, the history and the backend's format. */
const attributesFiles = () => [
  ...['', '.bak', '.gz', '.gz.bak'].map((end) => `${file}${end}.attrs`),
  join(historyFolder(name), 'feat-a-1.history.json.attrs'),
  `${metaFile()}.attrs`,
];

it.each(Object.entries(brokenAttributes))(
  'names and removes attributes that are %s, and nothing beside them',
  async (_, text) => {
    history(begun, 1);
    writeFileSync(file, begun);
    for (const one of attributesFiles()) writeFileSync(one, text);
    const checks = await stateChecks();
    expect(checks.map(({ fix }) => fix).sort()).toEqual(
      attributesFiles()
        .map((one) => `rm -r '${one}'`)
        .sort(),
    );
    expect(checks.every(({ ok }) => !ok)).toBe(true);
    const removed = await forgetDamagedAttributes(name);
    expect(removed.map((one) => one.file).sort()).toEqual(attributesFiles().sort());
    expect(attributesFiles().filter((one) => existsSync(one))).toEqual([]);
    expect(readFileSync(file, 'utf8')).toBe(begun);
    expect(await stateChecks()).toMatchObject([{ name: 'states', ok: true }]);
  },
);

it.each(['', 'vers', '\0\0\0\0\0\0'])("names the backend's format where that is %j", async (text) => {
  writeFileSync(file, begun);
  writeFileSync(metaFile(), text);
  expect(await stateChecks()).toMatchObject([{ name: 'states', ok: false, fix: `rm -r '${metaFile()}'` }]);
  writeFileSync(metaFile(), 'version: 1\n');
  expect(await stateChecks()).toMatchObject([{ name: 'states', ok: true }]);
});

it('names and removes a folder in the place of attributes', async () => {
  writeFileSync(file, begun);
  mkdirSync(`${file}.attrs`);
  expect(await forgetDamagedAttributes(name)).toEqual([{ file: `${file}.attrs`, problem: 'it is a folder' }]);
  expect(existsSync(`${file}.attrs`)).toBe(false);
});

/** With another digest, with fields that the engine does not know, and without any, it reads the state. */
it.each([attributes, '{"md5":"8EjrhWDeH1APCiW/ulXuHQ=="}', '{"user.metadata":{"a":"b"},"new":5}', '{}'])(
  'keeps attributes with which the engine works: %s',
  async (text) => {
    writeFileSync(file, begun);
    writeFileSync(`${file}.attrs`, text);
    expect(await forgetDamagedAttributes(name)).toEqual([]);
    expect(readFileSync(`${file}.attrs`, 'utf8')).toBe(text);
    expect(await stateChecks()).toMatchObject([{ name: 'states', ok: true }]);
  },
);

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

it('forgets nothing while a stack has what its program protects', async () => {
  const resources = [
    { urn: 'environment', type: 'coppice:index:Environment' },
    { urn: 'bucket', type: 'aws:s3/bucket:Bucket', protect: true },
  ];
  writeFileSync(file, JSON.stringify({ version: 3, checkpoint: { latest: { resources } } }));
  await expect(requireForgettable()).rejects.toMatchObject({
    code: 'COPPICE_PROTECTED',
    message: 'shop/feat-a has protected resources, so nothing was removed:\n  bucket',
  });
  writeFileSync(file, state('environment'));
  await expect(requireForgettable()).resolves.toBeUndefined();
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
