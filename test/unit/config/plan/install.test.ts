import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readInstallFiles, watchedInstallFiles } from '../../../../config/files/install.ts';
import { type InstallPlan, planEnvironment } from '../../../../config/plan/plan.ts';
import { loadSpec, parseSpec } from '../../../../config/spec/load.ts';
import { installSpec } from '../../../../config/spec/schema/install.ts';
import type { Platforms } from '../../../../core/node-platform.ts';
import { identity, record } from '../../../golden/plans.ts';
import { problemsIn } from '../spec/problems-in.ts';

const head = `version: 1
name: shop
services:
  web: { runtime: node, command: node web.js, port: 3000, primary: true }
  api: { runtime: node, command: node api.js, port: 4000 }
  model: { image: "python:3.13", command: python model.py }
`;
const mac: Platforms = {
  host: { platform: 'darwin', arch: 'arm64' },
  node: { operatingSystem: 'linux', architecture: 'arm64' },
};
const linux: Platforms = {
  host: { platform: 'linux', arch: 'x64' },
  node: { operatingSystem: 'linux', architecture: 'amd64' },
};
const lock = (digit: string) => [{ path: 'package-lock.json', sha256: digit.repeat(64) }];

function plan(install: string, platforms = mac, files = lock('a'), more: object = { mountPath: '/' }) {
  return planEnvironment(parseSpec(`${head}install: ${install}\n`, { file: 'coppice.yaml' }), {
    identity,
    specFolder: identity.worktree,
    profile: 'local',
    httpPort: 80,
    runtimes: record.images,
    platforms,
    installFiles: files,
    ...more,
  });
}
const installs = (...args: Parameters<typeof plan>): readonly InstallPlan[] => plan(...args).installs ?? [];
const only = (...args: Parameters<typeof plan>): InstallPlan => {
  const [first, ...others] = installs(...args);
  if (!first || others.length > 0) throw new Error('it is not one installation');
  return first;
};

describe('the plan of install:', () => {
  test('is for all services with a runtime, into node_modules', () => {
    expect(only('npm ci')).toEqual({
      name: expect.stringMatching(/^install-[0-9a-f]{16}$/),
      image: record.images.node,
      command: ['sh', '-c', 'npm ci'],
      folders: ['node_modules'],
      services: ['web', 'api'],
      files: lock('a'),
      timeoutSeconds: 600,
    });
  });

  test("is empty if the host's programs run on the nodes, and no file is read", () => {
    expect(plan('npm ci', linux)).not.toHaveProperty('installs');
    expect(plan('npm ci', { host: mac.host })).not.toHaveProperty('installs');
  });

  test('accepts a list as it is, and the long form', () => {
    expect(only('[npm, ci, --omit, dev]').command).toEqual(['npm', 'ci', '--omit', 'dev']);
    const long = '{ command: [npm, ci], folders: [./node_modules/, web/node_modules], timeout: 20m }';
    expect(only(long)).toMatchObject({
      command: ['npm', 'ci'],
      folders: ['node_modules', 'web/node_modules'],
      timeoutSeconds: 1200,
    });
  });

  test('has one entry per image, each with the services that run in it', () => {
    const both = installs('{ command: sh install.sh, services: [model, web, api], folders: [vendor] }');
    expect(both.map(({ image, services }) => [image, services])).toEqual([
      ['python:3.13', ['model']],
      [record.images.node, ['web', 'api']],
    ]);
    expect(new Set(both.map(({ name }) => name)).size).toBe(2);
  });

  test('gets another name if command, folders or a file change, but not if its users do', () => {
    const { name } = only('npm ci');
    const others = [
      only('npm install'),
      only('npm ci', mac, lock('b')),
      only('{ command: npm ci, folders: [vendor] }'),
    ];
    for (const other of others) expect(other.name).not.toBe(name);
    expect(only('{ command: npm ci, services: [web], timeout: 1m }').name).toBe(name);
  });

  test('is empty if no folder is mounted', () => {
    const spec = `version: 1\nname: shop\nservices:\n  web: { image: "node:22" }\ninstall: { command: npm ci, services: [web] }\n`;
    const made = planEnvironment(parseSpec(spec, { file: 'coppice.yaml' }), {
      identity,
      specFolder: identity.worktree,
      profile: 'local',
      httpPort: 80,
      runtimes: {},
      platforms: mac,
      installFiles: lock('a'),
    });
    expect(made.source).toEqual({ kind: 'image' });
    expect(made).not.toHaveProperty('installs');
  });

  test('may be changed by a profile, as a whole or in part', () => {
    const spec = `${head}install: { command: npm ci, folders: [vendor] }
profiles: { preview: { install: { command: npm ci --omit dev } } }
`;
    const preview = parseSpec(spec, { file: 'coppice.yaml', profile: 'preview' });
    if (preview.install === undefined) throw new Error('there is no install');
    expect(installSpec(preview.install)).toMatchObject({ command: 'npm ci --omit dev', folders: ['vendor'] });
  });
});

describe('install: is refused', () => {
  const messages = (text: string) => problemsIn(text).map(({ message }) => message);

  test('without a service in whose image it could run', () => {
    const images = 'version: 1\nname: shop\nservices:\n  web: { image: "node:22" }\n';
    expect(messages(`${images}install: npm ci\n`)).toEqual([
      'install needs a service with a runtime, as it runs in the image of one',
    ]);
    expect(messages(`${images}install: { command: npm ci, services: [web] }\n`)).toEqual([]);
  });

  test('for a service that does not exist', () => {
    const [problem] = problemsIn(`${head}install: { command: npm ci, services: [wep] }\n`);
    expect(problem?.message).toBe('install is for wep, and there is no such service');
    expect(problem?.hint).toBe('did you mean "web"?');
  });

  test.each([
    ['/usr/lib', 'must be a path below this folder, without ..'],
    ['../node_modules', 'must be a path below this folder, without ..'],
    ['.', 'must be a folder below this one'],
    ['./', 'must be a folder below this one'],
    ['.git/hooks', 'must not be in .git'],
  ])('with the folder %s', (folder, message) => {
    const found = messages(`${head}install: { command: npm ci, folders: ["${folder}"] }\n`);
    expect(found.join('\n')).toContain(message);
  });

  test('with a folder inside another', () => {
    expect(messages(`${head}install: { command: npm ci, folders: [vendor/a, vendor] }\n`)).toEqual([
      'vendor and vendor/a are the same folder, or one contains the other',
    ]);
    expect(messages(`${head}install: { command: npm ci, folders: [vendor, vendored] }\n`)).toEqual([]);
  });

  test('without a command', () => {
    expect(messages(`${head}install: { folders: [vendor] }\n`)).toEqual(['install.command is missing']);
  });
});

describe('the files of install:', () => {
  let folder: string;
  const write = (file: string, text = file) => writeFileSync(join(folder, file), text);
  const load = (install: string) => {
    write('coppice.yaml', `${head}install: ${install}\n`);
    return loadSpec(join(folder, 'coppice.yaml'));
  };
  const read = async (install: string, platforms = mac) =>
    (await readInstallFiles(await load(install), platforms))?.map(({ path }) => path);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'coppice-install-'));
    write('package.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('are the existing lock files', async () => {
    write('package-lock.json');
    write('requirements.txt');
    expect(await read('npm ci')).toEqual(['package-lock.json', 'requirements.txt']);
  });

  test('are the manifests if there is no lock file', async () => {
    expect(await read('npm install')).toEqual(['package.json']);
  });

  test('are what the command names as well', async () => {
    write('install.sh');
    write('package-lock.json');
    expect(await read('sh install.sh')).toEqual(['install.sh', 'package-lock.json']);
  });

  test('are exactly the inputs, if there are any', async () => {
    write('package-lock.json');
    write('packages.txt');
    expect(await read('{ command: npm ci, inputs: ["*.txt"] }')).toEqual(['packages.txt']);
    await expect(read('{ command: npm ci, inputs: ["*.toml"] }')).rejects.toThrow(
      'no file here matches *.toml',
    );
  });

  test('are not read if nothing is installed', async () => {
    expect(await read('{ command: npm ci, inputs: ["*.toml"] }', linux)).toBeUndefined();
  });

  test('are watched for the quick answer, including those that may appear, and only if they count', async () => {
    const loaded = await load('npm ci');
    expect(watchedInstallFiles(loaded, mac).files).toEqual(
      expect.arrayContaining(['package-lock.json', 'package.json', 'yarn.lock']),
    );
    expect(watchedInstallFiles(loaded, linux)).toEqual({ patterns: [], files: [] });
  });
});
