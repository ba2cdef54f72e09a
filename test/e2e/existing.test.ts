import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readClusterRecord } from '../../core/state/cluster-record.ts';
import { type CommandOptions, get, Repository, testFolder, wt, wtOk } from './harness.ts';

const answering = `node -e "require('http').createServer((q, r) => r.end('here')).listen(3000)"`;

let images: Readonly<Record<string, string>>;
let databases: string;
let podLogs: string | undefined;
let repository: Repository;

/** A user who knows the tests' cluster only as a context of a kubeconfig. */
function elsewhere(extra: string): CommandOptions {
  const config = join(testFolder(), 'existing', 'config');
  mkdirSync(join(config, 'coppice'), { recursive: true });
  const lines = [
    'driver: existing',
    'existing:',
    '  context: coppice',
    `  kubeconfig: ${join(testFolder(), 'data', 'coppice', 'kubeconfig')}`,
    '  ingress: host-loopback',
    `  images: { node: ${images.node}, traefik: ${images.traefik}, postgres: ${images.postgres} }`,
    // The same server's folder: a cluster has one platform, whichever run brings it up.
    `  databaseVolume: { hostPath: ${databases} }`,
    ...(extra ? [`  ${extra}`] : []),
  ];
  writeFileSync(join(config, 'coppice', 'config.yaml'), `${lines.join('\n')}\n`);
  const data = join(testFolder(), 'existing', 'data');
  return { cwd: repository.top, env: { XDG_CONFIG_HOME: config, XDG_DATA_HOME: data } };
}

beforeAll(async () => {
  await wtOk(['cluster', 'start']);
  await wtOk(['platform', 'up']);
  const record = await readClusterRecord();
  images = record?.images ?? {};
  podLogs = record?.podLogs;
  databases = record?.databaseVolume?.kind === 'host-path' ? record.databaseVolume.path : '';
  repository = new Repository({ branch: 'elsewhere' });
});

afterAll(async () => {
  await wt(['down'], elsewhere('mountPath: /'));
  repository.remove();
});

test('without mountPath, services that need the folder are refused with the reason', async () => {
  const options = elsewhere('');
  await wtOk(['cluster', 'start'], options);
  const { code, stderr } = await wt(['up'], options);
  expect(code).toBe(1);
  expect(stderr).toContain('images built from the folder come with previews');
});

test('the kubelet says where it keeps the logs of pods', async () => {
  const { XDG_DATA_HOME = '' } = elsewhere('').env ?? {};
  const found = await readClusterRecord(join(XDG_DATA_HOME, 'coppice', 'cluster.json'));
  expect(podLogs).toMatch(/^\//);
  expect(found).toMatchObject({ podLogs });
});

test('without mountPath, services with their own image run', async () => {
  repository.write(
    'coppice.yaml',
    `version: 1\nname: shop\nservices:\n  web:\n    image: ${images.node}\n    command: ${answering}\n    port: 3000\n`,
  );
  const { env, ...rest } = elsewhere('');
  const temporary = join(testFolder(), 'existing', 'tmp');
  mkdirSync(temporary, { recursive: true });
  const options = { ...rest, env: { ...env, TMPDIR: temporary } };
  await wtOk(['cluster', 'start'], options);
  await wtOk(['up'], options);
  expect((await get('elsewhere.shop.localhost')).body).toBe('here');
  await wtOk(['down'], options);
  expect((await get('elsewhere.shop.localhost')).status).toBe(404);
  // The engine's plugins would leave a copy of the cluster's credentials for each.
  const own = join(testFolder(), 'existing', 'data', 'coppice', 'tmp');
  expect([readdirSync(temporary), readdirSync(own)]).toEqual([[], []]);
});

test('with mountPath, the folder is live in the pods', async () => {
  repository.git('checkout', '--quiet', 'coppice.yaml');
  const options = elsewhere('mountPath: /');
  await wtOk(['cluster', 'start'], options);
  await wtOk(['up'], options);
  expect((await get('elsewhere.shop.localhost', '/api/products')).status).toBe(200);
});

test('neither stop nor reset touches the cluster', async () => {
  const options = elsewhere('mountPath: /');
  await wtOk(['cluster', 'stop'], options);
  expect((await wt(['cluster', 'reset', '--yes'], options)).code).toBe(1);
  expect((await get('elsewhere.shop.localhost')).status).toBe(200);
});
