import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileError } from '../../../config/problems.ts';
import { loadSettings, parseSettings, type Settings } from '../../../config/settings.ts';

const defaults: Settings = {
  embedded: {
    dataFolder: '/var/lib/coppice',
    runFolder: '/run/coppice',
    bridge: 'coppice0',
    podCidr: '10.213.0.0/16',
    serviceCidr: '10.214.0.0/16',
    apiPort: 6443,
    databaseGiB: 64,
  },
  ports: { http: 80, postgres: 15432, temporal: 17233 },
};
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coppice-settings-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function problemsIn(text: string) {
  try {
    parseSettings(text, '/home/me/config.yaml');
    return [];
  } catch (error) {
    if (error instanceof FileError) return error.problems;
    throw error;
  }
}

test('a file that is absent, empty or of comments only gives the defaults', async () => {
  expect(await loadSettings(join(folder, 'config.yaml'))).toEqual(defaults);
  for (const text of ['', '# nothing\n', '{}\n']) expect(parseSettings(text, 'x')).toEqual(defaults);
});

test('what is written is merged over the defaults', async () => {
  await writeFile(
    join(folder, 'config.yaml'),
    'driver: existing\nexisting: { context: kind }\nports: { http: 8080 }\n',
  );
  expect(await loadSettings(join(folder, 'config.yaml'))).toEqual({
    ...defaults,
    driver: 'existing',
    existing: {
      context: 'kind',
      ingress: 'load-balancer',
      images: {},
      databaseVolume: { size: '20Gi' },
      temporalVolume: { size: '5Gi' },
    },
    ports: { http: 8080, postgres: 15432, temporal: 17233 },
  });
});

test('all problems are shown at once, at their place, with what was meant', () => {
  const text =
    'driver: embeded\nports: { htp: 80 }\nembedded:\n  apiPort: 99999\n  bridge: far-too-long-name\nexisting: {}\n';
  expect(problemsIn(text).map(({ line, column, message, hint }) => [line, column, message, hint])).toEqual([
    [1, 9, 'driver must be one of embedded, k3d, existing, not "embeded"', 'did you mean "embedded"?'],
    [2, 10, 'unknown key htp in ports', 'did you mean "http"?'],
    [4, 12, 'embedded.apiPort must be at most 65535, not 99999', undefined],
    [5, 11, 'embedded.bridge must hold at most 15 characters, not "far-too-long-name"', undefined],
    [6, 1, 'existing.context is missing', undefined],
  ]);
});

test('a path that is not absolute is refused', () => {
  expect(problemsIn('existing: { context: a, mountPath: data }\n')[0]?.message).toBe(
    'existing.mountPath must begin with /, not "data"',
  );
});

test('broken YAML has the same shape and the code COPPICE_SETTINGS', () => {
  expect(problemsIn('driver:\n\tx: 1\n')).toEqual([expect.objectContaining({ line: 2, column: 1 })]);
  expect(problemsIn('- a\n')).toEqual([
    expect.objectContaining({ message: 'the file must be a map of keys and values' }),
  ]);
  expect(() => parseSettings('a: [', 'x')).toThrow(expect.objectContaining({ code: 'COPPICE_SETTINGS' }));
});

test('a file that cannot be read is an error of the family', async () => {
  await expect(loadSettings(folder)).rejects.toMatchObject({ code: 'COPPICE_SETTINGS' });
});
