import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { completeSwitch, forgetAside, readAside, switchState } from '../../../../app/clusters/set-aside.ts';
import { paths } from '../../../../core/paths.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-aside-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const places = () => paths({ XDG_DATA_HOME: folder }, folder);
const write = (name: string, value: unknown) => {
  const file = join(places().data, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(value));
};
const read = (name: string) => JSON.parse(readFileSync(join(places().data, name), 'utf8'));
const has = (name: string) => existsSync(join(places().data, name));
const stack = (type: string) => ({ checkpoint: { latest: { resources: [{ urn: 'u', type }] } } });

/** Every file that a cluster has, each naming its cluster. */
function cluster(driver: string): void {
  write('cluster.json', { driver, kubeconfig: join(places().data, `${driver}-kubeconfig`) });
  write(`${driver}-kubeconfig`, {});
  write('platform.json', { of: driver });
  write('platform-parts.json', { postgres: true });
  write('swept-postgres.json', { of: driver });
  write('environments/shop/main.json', { of: driver });
  write('state/.pulumi/stacks/shop/main.json', { of: driver, ...stack('coppice:index:Environment') });
  write('state/.pulumi/history/shop/main/one.json', { of: driver });
}

const own = [
  'cluster.json',
  'platform.json',
  'swept-postgres.json',
  'environments/shop/main.json',
  'state/.pulumi/stacks/shop/main.json',
  'state/.pulumi/history/shop/main/one.json',
];

test('the records of a cluster are set aside and restored completely', async () => {
  cluster('embedded');
  await switchState('embedded', 'k3d', places());
  for (const name of [...own, 'platform-parts.json']) expect(has(name), name).toBe(false);
  expect(await readAside('embedded', places())).toMatchObject({
    record: { driver: 'embedded' },
    stacks: [{ project: 'shop', stack: 'main' }],
  });
  expect(await readAside('k3d', places())).toBeUndefined();
  cluster('k3d');
  await switchState('k3d', 'embedded', places());
  expect(read('cluster.json').driver).toBe('embedded');
  for (const name of own.slice(1)) expect(read(name).of, name).toBe('embedded');
  expect(await readAside('embedded', places())).toBeUndefined();
  expect((await readAside('k3d', places()))?.record?.driver).toBe('k3d');
});

test("what belongs to no cluster stays: a user's own stacks, records of setup, kubeconfigs", async () => {
  cluster('embedded');
  write('state/.pulumi/stacks/mine/dev.json', stack('aws:s3:Bucket'));
  write('environments/shop/main.setup.json', {});
  await switchState('embedded', 'k3d', places());
  expect(has('state/.pulumi/stacks/mine/dev.json')).toBe(true);
  expect(has('environments/shop/main.setup.json')).toBe(true);
  expect(has('embedded-kubeconfig')).toBe(true);
});

test('a switch that was killed is completed, whatever it had moved', async () => {
  cluster('k3d');
  await switchState('k3d', 'embedded', places());
  cluster('embedded');
  // As if it had ended after the record and the first stack.
  await switchState('embedded', 'embedded', places());
  write('clusters/switch.json', { from: 'embedded', to: 'k3d', step: 'aside' });
  mkdirSync(join(places().data, 'clusters/embedded'), { recursive: true });
  write('clusters/embedded/cluster.json', read('cluster.json'));
  rmSync(join(places().data, 'cluster.json'));
  await completeSwitch(places());
  expect(read('cluster.json').driver).toBe('k3d');
  for (const name of own.slice(1)) expect(read(name).of, name).toBe('k3d');
  expect((await readAside('embedded', places()))?.record?.driver).toBe('embedded');
  expect(has('clusters/switch.json')).toBe(false);
  await completeSwitch(places());
  expect(read('cluster.json').driver).toBe('k3d');
});

test('what was half restored is not set aside again', async () => {
  cluster('k3d');
  await switchState('k3d', 'embedded', places());
  write('clusters/switch.json', { from: 'embedded', to: 'k3d', step: 'back' });
  write('platform.json', read('clusters/k3d/platform.json'));
  rmSync(join(places().data, 'clusters/k3d/platform.json'));
  await completeSwitch(places());
  expect(read('platform.json').of).toBe('k3d');
  expect(read('cluster.json').driver).toBe('k3d');
  expect(existsSync(join(places().data, 'clusters/embedded'))).toBe(false);
});

test('forgetting a cluster that was set aside removes its kubeconfig and nothing of the current cluster', async () => {
  cluster('embedded');
  await switchState('embedded', 'k3d', places());
  cluster('k3d');
  await forgetAside('embedded', places());
  expect(readdirSync(join(places().data, 'clusters'))).toEqual([]);
  expect(has('embedded-kubeconfig')).toBe(false);
  expect(has('k3d-kubeconfig')).toBe(true);
  for (const name of own.slice(1)) expect(read(name).of, name).toBe('k3d');
});
