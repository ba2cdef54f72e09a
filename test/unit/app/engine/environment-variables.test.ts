import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { metaFile } from '../../../../app/engine/backend-files.ts';
import { prepareState, projectFolder } from '../../../../app/engine/environment-variables.ts';
import { paths } from '../../../../core/paths.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-engine-files-'));
  for (const name of ['CONFIG', 'DATA', 'CACHE']) vi.stubEnv(`XDG_${name}_HOME`, join(folder, name));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

it('keeps the passphrase that it once wrote', async () => {
  await prepareState();
  const first = readFileSync(paths().passphrase, 'utf8');
  expect(first).toMatch(/^\S{43}\n$/);
  await prepareState();
  expect(readFileSync(paths().passphrase, 'utf8')).toBe(first);
});

it.each(['', '\n', '\0\0\0', undefined])('stops at a passphrase that is %j', async (text) => {
  const { passphrase } = paths();
  mkdirSync(text === undefined ? passphrase : dirname(passphrase), { recursive: true });
  if (text !== undefined) writeFileSync(passphrase, text);
  await expect(prepareState()).rejects.toMatchObject({
    code: 'COPPICE_DAMAGED',
    message: expect.stringContaining(passphrase),
  });
  if (text !== undefined) expect(readFileSync(passphrase, 'utf8')).toBe(text);
});

it.each(['', '\0\0\0', 'vers', 'version:', undefined])(
  'lets the engine write again what says the format of its backend when that is %j',
  async (text) => {
    const file = metaFile();
    mkdirSync(text === undefined ? file : dirname(file), { recursive: true });
    if (text !== undefined) writeFileSync(file, text);
    await prepareState();
    expect(existsSync(file)).toBe(false);
  },
);

it.each(['version: 1\n', 'version: 2\n'])('leaves a format that is %j alone', async (text) => {
  mkdirSync(dirname(metaFile()), { recursive: true });
  writeFileSync(metaFile(), text);
  await prepareState();
  expect(readFileSync(metaFile(), 'utf8')).toBe(text);
});

it('writes its Pulumi.yaml again when that is damaged', async () => {
  const file = join(await projectFolder('shop'), 'Pulumi.yaml');
  writeFileSync(file, 'name: sh');
  await projectFolder('shop');
  expect(readFileSync(file, 'utf8')).toBe('name: shop\nruntime: nodejs\n');
});
