import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  isThere,
  namesIn,
  readIfPresent,
  sha256OfFile,
  sizeOf,
  unlessAbsent,
  writeNew,
} from '../../../core/files.ts';
import { hashOf, sha256 } from '../../../core/hash.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-files-'));
  file = join(folder, 'file');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('treats a missing file or folder as absent', async () => {
  expect(await isThere(file)).toBe(false);
  expect(await readIfPresent(file)).toBeUndefined();
  expect(await namesIn(file)).toEqual([]);
  expect(await sizeOf(file)).toBe(0);
});

it('throws for a path below a file, which is a mistake and not an absent file', async () => {
  writeFileSync(file, '');
  const below = join(file, 'below');
  expect(await isThere(below)).toBe(false);
  for (const read of [readIfPresent, namesIn, sizeOf])
    await expect(read(below)).rejects.toMatchObject({ code: 'ENOTDIR' });
  expect(await unlessAbsent(stat(below), ['ENOENT', 'ENOTDIR'])).toBeUndefined();
});

it('reads existing files', async () => {
  writeFileSync(file, 'grüße');
  expect(await isThere(file)).toBe(true);
  expect(await isThere(folder)).toBe(true);
  expect(await readIfPresent(file)).toBe('grüße');
  expect(await namesIn(folder)).toEqual(['file']);
  expect(await sizeOf(file)).toBe(7);
});

it('treats a broken link as absent', async () => {
  symlinkSync(join(folder, 'nowhere'), file);
  expect(await isThere(file)).toBe(false);
});

it('throws every other error', async () => {
  await expect(readIfPresent(folder)).rejects.toMatchObject({ code: 'EISDIR' });
  await expect(unlessAbsent(Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

it('creates a new file, and never overwrites one', async () => {
  expect(await writeNew(file, 'first', 0o600)).toBe(true);
  expect(await writeNew(file, 'second')).toBe(false);
  expect(readFileSync(file, 'utf8')).toBe('first');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await expect(writeNew(join(folder, 'none', 'file'), '')).rejects.toMatchObject({ code: 'ENOENT' });
});

it('hashes a file like its text', async () => {
  writeFileSync(file, 'abc');
  chmodSync(file, 0o400);
  // FIPS 180-2, appendix B.1
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(await sha256OfFile(file)).toBe(sha256('abc'));
  expect(sha256('abc', 8)).toBe('ba7816bf');
});

it('hashes data independently of the order of its keys', () => {
  expect(hashOf({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(hashOf({ b: [{ d: 3, c: 2 }], a: 1 }));
  expect(hashOf([1, 2])).not.toBe(hashOf([2, 1]));
  expect(hashOf({})).toMatch(/^[0-9a-f]{16}$/);
});
