import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadSettings, parseSettings, type Settings } from '../../../../config/settings/settings.ts';
import { FileError } from '../../../../config/yaml/problems.ts';

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
  k3d: { name: 'coppice', servers: 1, agents: 0, registryPort: 5111, loadBalancer: true },
  ports: { http: 80, https: 443, postgres: 15432, temporal: 17233 },
  worktrees: { hookMinutes: 60 },
  picker: 'built-in',
  agents: {},
  hostPorts: { base: 20_000, size: 20, last: 29_999 },
  gateway: { trustForwardedHeaders: false },
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

test('a file that is absent, empty or only comments gives the defaults', async () => {
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
      collectorVolume: { size: '2Gi' },
      logsVolume: { size: '8Gi' },
      metricsVolume: { size: '4Gi' },
      tracesVolume: { size: '4Gi' },
    },
    ports: { http: 8080, https: 443, postgres: 15432, temporal: 17233 },
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

describe('a managed Temporal server', () => {
  const managed = (more: string) => `temporal: { managed: { ${more} } }\n`;

  test('requires only an address', () => {
    expect(parseSettings(managed('address: "temporal.example.com:7233"'), 'x').temporal?.managed).toEqual({
      address: 'temporal.example.com:7233',
      namespaces: 'create',
      namespace: 'wt-{app}--{slug}',
    });
    expect(problemsIn(managed('tls: {}'))[0]?.message).toBe('temporal.managed.address is missing');
  });

  test.each([
    ['an address by number', 'address: "127.0.0.1:7233"'],
    ['an address of IPv6', 'address: "[::1]:7233"'],
    ['TLS and nothing more', 'address: "a:1", tls: {}'],
    ['a certificate with its key', 'address: "a:1", tls: { cert: /c.pem, key: /c.key }'],
    ['a key in a file', 'address: "a:1", apiKey: { file: /key }'],
    ['namespaces of Temporal Cloud', 'address: "a:1", namespaces: existing, namespace: "{app}-{slug}.a1b2c"'],
  ])('may have %s', (_, more) => {
    expect(problemsIn(managed(more))).toEqual([]);
  });

  test.each([
    ['address: temporal.example.com', 'temporal.managed.address must be HOST:PORT', 'temporal.example.com'],
    ['address: "https://a:7233"', 'must be HOST:PORT', 'https'],
    ['address: "a:70000"', 'must be HOST:PORT', '70000'],
    ['address: "a:1", cluster: a', 'temporal.managed.cluster must be HOST:PORT', 'a'],
    ['address: "a:1", tls: { cert: /c.pem }', 'tls must have both cert and key, or neither', 'cert'],
    ['address: "a:1", tls: { ca: ca.pem }', 'tls.ca must begin with /', 'ca.pem'],
    ['address: "a:1", apiKey: KEY', 'apiKey must say where to find it: {env: NAME} or {file: PATH}', 'KEY'],
    ['address: "a:1", apiKey: { file: key }', 'apiKey.file must begin with /', 'key'],
    ['address: "a:1", namespaces: mine', 'must be one of create, existing', 'mine'],
    ['address: "a:1", namespace: "wt-{slug}"', 'must contain {app} and {slug}', 'wt-{slug}'],
    ['address: "a:1", namespace: "{app}"', 'must contain {app} and {slug}', '{app}'],
    [
      'address: "a:1", namespace: "{app}--{slug}-{user}"',
      'must be letters, digits, dashes and dots',
      '{user}',
    ],
  ])('%s is refused where it stands', (more, message, underlined) => {
    const problems = problemsIn(managed(more));
    expect(problems.map((problem) => problem.message)).toEqual([expect.stringContaining(message)]);
    const [{ source, column, length }] = problems as [(typeof problems)[0]];
    expect(source.slice(column - 1, column - 1 + length)).toContain(underlined);
  });
});

test('broken YAML is reported in the same shape, with the code COPPICE_SETTINGS', () => {
  expect(problemsIn('driver:\n\tx: 1\n')).toEqual([expect.objectContaining({ line: 2, column: 1 })]);
  expect(problemsIn('- a\n')).toEqual([
    expect.objectContaining({ message: 'the file must be a map of keys and values' }),
  ]);
  expect(() => parseSettings('a: [', 'x')).toThrow(expect.objectContaining({ code: 'COPPICE_SETTINGS' }));
});

test('an unreadable file is one of our errors', async () => {
  await expect(loadSettings(folder)).rejects.toMatchObject({ code: 'COPPICE_SETTINGS' });
});
