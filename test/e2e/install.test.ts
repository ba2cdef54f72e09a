import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ClusterRecord,
  readClusterRecord,
  writeClusterRecord,
} from '../../core/state/cluster-record.ts';
import { edit, eventually, get, kubectl, Repository, testFolder, unchangedUp, wt, wtOk } from './harness.ts';

/**
 * No node here differs from its host, so the test writes another platform into the record of its own cluster. The
 * embedded cluster provisions no volumes either, so the test creates some by hand. Everything else is real.
 */
const otherNode = { operatingSystem: 'linux', architecture: 'riscv64' };
const namespace = 'wt-packages--main';
const host = 'main.packages.localhost';
/** Not root, as which the tests run: files that root creates would show. */
const owner = 1000;

let record: ClusterRecord;
let repository: Repository;
let volumes: string;
const inWorktree = (...path: string[]) => join(repository.top, ...path);

const spec = `version: 1
name: packages
services:
  web: { runtime: node, command: node server.cjs, port: 3000 }
install: node install.cjs
`;
/** Offline: the tests' network reaches no registry. */
const install = `
const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { version } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
appendFileSync('installs.log', version + ' by ' + process.getuid() + '\\n');
if (version === 'broken') {
  console.log('no such version of greeting');
  process.exit(7);
}
mkdirSync('node_modules/greeting', { recursive: true });
writeFileSync('node_modules/greeting/index.js', 'module.exports = "volume ' + version + '"');
`;
const server = `
const greeting = require('greeting');
require('node:http').createServer((_, answer) => answer.end(greeting)).listen(process.env.PORT);
`;

const up = () => wtOk(['up', '--json'], { cwd: repository.top });
const lock = (version: string) => {
  repository.write('package-lock.json', JSON.stringify({ version }));
};
/** After a server dies at once, Traefik still sends requests to the previous pod for a moment. */
const answers = (text: string) =>
  eventually(`${host} answers ${text}`, async () => (await get(host)).body === text || undefined);
const runs = () =>
  existsSync(inWorktree('installs.log')) ? readFileSync(inWorktree('installs.log'), 'utf8') : '';
const claims = () => kubectl('-n', namespace, 'get', 'pvc', '-o', 'name');

/** As a provisioner of folders creates them: writable for all. */
async function makeVolume(name: string): Promise<void> {
  const path = join(volumes, name);
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o777);
  const file = join(volumes, `${name}.json`);
  const spec = {
    capacity: { storage: '10Gi' },
    accessModes: ['ReadWriteOnce'],
    persistentVolumeReclaimPolicy: 'Retain',
    hostPath: { path },
  };
  const metadata = { name: `install-test-${name}`, labels: { test: 'install' } };
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'PersistentVolume', metadata, spec }));
  await kubectl('create', '-f', file);
}

beforeAll(async () => {
  await wtOk(['cluster', 'start']);
  await wtOk(['platform', 'up']);
  const there = await readClusterRecord();
  if (!there) throw new Error('the cluster has no record');
  record = there;
  await writeClusterRecord({ ...record, node: otherNode });
  volumes = join(testFolder(), 'volumes');
  repository = new Repository({ spec });
  // They are links to the example's files, whose owner must stay.
  rmSync(inWorktree('node_modules'), { recursive: true });
  mkdirSync(inWorktree('node_modules', 'greeting'), { recursive: true });
  repository.write('node_modules/greeting/index.js', 'module.exports = "host"');
  repository.write('install.cjs', install);
  repository.write('server.cjs', server);
  lock('1');
  spawnSync('chown', ['-R', `${owner}:${owner}`, repository.top]);
  // Root's git refuses a repository that belongs to another user.
  const trust = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' };
  Object.assign(process.env, trust);
});

afterAll(async () => {
  await wt(['down'], { cwd: repository.top });
  await writeClusterRecord(record);
  await kubectl('delete', 'pv', '-l', 'test=install', '--ignore-not-found');
  repository.remove();
  rmSync(volumes, { recursive: true, force: true });
  for (const name of Object.keys(process.env).filter((name) => name.startsWith('GIT_CONFIG_')))
    delete process.env[name];
});

describe("install:, where the cluster's record was edited to name another platform for its nodes", () => {
  test('is refused with the reason in a cluster that provisions no volumes', async () => {
    const { code, stderr } = await wt(['up'], { cwd: repository.top });
    expect(code).toBe(1);
    expect(stderr).toContain('this cluster has no storage class that makes one by default');
    expect(stderr).toContain('kubectl get storageclass');
    expect(runs()).toBe('');
    expect(await claims()).toBe('');
  });

  test("runs once, as the owner, and pods see what it installed instead of the host's folder", async () => {
    await makeVolume('one');
    await up();
    await answers('volume 1');
    expect(runs()).toBe(`1 by ${owner}\n`);
  });

  test("leaves the host's folder as it was", () => {
    expect(readFileSync(inWorktree('node_modules', 'greeting', 'index.js'), 'utf8')).toContain('host');
    expect(readdirSync(inWorktree('node_modules'))).toEqual(['greeting']);
    expect(statSync(inWorktree('node_modules')).uid).toBe(owner);
  });

  test('is shown by status', async () => {
    const { stdout } = await wtOk(['status'], { cwd: repository.top });
    expect(stdout).toMatch(/install for web +done/);
  });

  test('does not run again for an unchanged up, nor for one that checks everything', async () => {
    await unchangedUp({ cwd: repository.top });
    await wtOk(['up', '--refresh'], { cwd: repository.top });
    expect(runs()).toBe(`1 by ${owner}\n`);
  });

  test('that fails reports its services, its command and its last lines, and the previous pods still answer', async () => {
    lock('broken');
    await makeVolume('two');
    const { code, stderr } = await wt(['up'], { cwd: repository.top });
    expect(code).toBe(1);
    expect(stderr).toContain('install for web (node install.cjs) ended with exit code 7');
    expect(stderr).toContain('| no such version of greeting');
    await answers('volume 1');
    expect((await claims()).trim().split('\n')).toHaveLength(1);
  });

  test('runs again when the lock file changed, into a new volume, and the old one is removed', async () => {
    const [before] = (await claims()).trim().split('\n');
    lock('2');
    await makeVolume('three');
    await up();
    await answers('volume 2');
    expect(runs()).toBe(`1 by ${owner}\nbroken by ${owner}\n2 by ${owner}\n`);
    await eventually(
      'the old claim is gone',
      async () => !(await claims()).includes(`${before}`) || undefined,
    );
    expect((await claims()).trim().split('\n')).toHaveLength(1);
    expect(await kubectl('-n', namespace, 'get', 'jobs', '-o', 'name')).toBe('');
  });

  test('fills a lost volume again', async () => {
    await wtOk(['stop'], { cwd: repository.top });
    await kubectl('-n', namespace, 'delete', 'pvc', '--all', '--wait=true');
    await makeVolume('four');
    await up();
    await answers('volume 2');
    expect(runs().match(/2 by/g)).toHaveLength(2);
  });

  test("runs before the database's commands too, which run elsewhere", async () => {
    repository.write('migrate.cjs', `require('node:fs').appendFileSync('migrated.log', require('greeting'))`);
    // Different every time: an existing template is not built.
    repository.write('migration.sql', `-- ${repository.folder}`);
    const text = readFileSync(inWorktree('coppice.yaml'), 'utf8');
    const migrate = '{ command: node migrate.cjs, inputs: [migration.sql] }';
    repository.write('coppice.yaml', `${text}database: { migrate: ${migrate} }\n`);
    lock('broken');
    await makeVolume('six');
    const { stderr } = await wt(['up'], { cwd: repository.top });
    expect(stderr).toContain(
      'install (node install.cjs) before migrate of packages (node migrate.cjs) ended with exit code 7',
    );
    expect(stderr.match(/\| no such version of greeting/g)).toHaveLength(2);
    lock('2');
    await up();
    expect(readFileSync(inWorktree('migrated.log'), 'utf8')).toBe('volume 2');
    repository.write('coppice.yaml', text);
    await wtOk(['up', '--drop-database'], { cwd: repository.top });
  });

  test('creates the folder where the host has none, empty and not owned by root', async () => {
    await wtOk(['down'], { cwd: repository.top });
    rmSync(inWorktree('node_modules'), { recursive: true });
    edit(
      inWorktree('coppice.yaml'),
      'install: node install.cjs',
      'install: { command: [node, install.cjs], folders: [node_modules, deep/cache] }',
    );
    await makeVolume('five');
    await up();
    await answers('volume 2');
    for (const folder of ['node_modules', 'deep', 'deep/cache']) {
      expect([folder, statSync(inWorktree(folder)).uid]).toEqual([folder, owner]);
    }
    expect(readdirSync(inWorktree('node_modules'))).toEqual([]);
  });
});

test('install: creates and runs nothing where nodes and host have the same platform', async () => {
  await wtOk(['down'], { cwd: repository.top });
  await writeClusterRecord(record);
  const before = runs();
  mkdirSync(inWorktree('node_modules', 'greeting'), { recursive: true });
  repository.write('node_modules/greeting/index.js', 'module.exports = "host"');
  await up();
  await answers('host');
  expect(await claims()).toBe('');
  expect(runs()).toBe(before);
});
