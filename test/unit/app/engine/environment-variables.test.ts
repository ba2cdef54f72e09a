import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
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

it('writes its Pulumi.yaml again when that is damaged', async () => {
  const file = join(await projectFolder('shop'), 'Pulumi.yaml');
  writeFileSync(file, 'name: sh');
  await projectFolder('shop');
  expect(readFileSync(file, 'utf8')).toBe('name: shop\nruntime: nodejs\n');
});
