// The same spec, programs and verbs as in the embedded cluster, typed as a user types them. In the tests' own engine
// the nodes' image is a stand-in; with COPPICE_TEST_ENGINE=running it is k3s.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClusterRecord, readClusterRecord } from '../../core/state/cluster-record.ts';
import { edit, eventually, get, post, Repository, wt, wtOk } from '../e2e/harness.ts';
import { docker, prepareWt, standIns } from './harness.ts';

let repository: Repository;
let branch: string;
let record: ClusterRecord;

beforeAll(async () => {
  await prepareWt();
  await wt(['cluster', 'reset', '--yes']);
  repository = new Repository({ temporal: true });
  branch = repository.worktree('feat/k3d');
}, 600_000);

afterAll(async () => {
  await wtOk(['cluster', 'reset', '--yes']);
  repository.remove();
});

const hosts = { main: 'main.shop.localhost', branch: 'feat-k3d.shop.localhost' };
const ask = (host: string, path = '/') => get(host, path, record.http.port);

/**
 * Places an order through the URL, and waits until the workflow in that environment's own Temporal namespace has
 * shipped it.
 */
async function shippedOrder(host: string): Promise<number> {
  const id = await eventually(`${host} takes an order`, async () => {
    const { port } = record.http;
    const { status, body } = await post(host, '/api/orders', { product: 1, quantity: 1 }, { port });
    return status === 201 ? (JSON.parse(body).id as number) : undefined;
  });
  await eventually(`order ${id} of ${host} is shipped`, async () =>
    (await ordersOf(host)).some((order) => order.id === id && order.status === 'shipped') ? true : undefined,
  );
  return id;
}

async function ordersOf(host: string): Promise<{ id: number; status: string }[]> {
  return JSON.parse((await ask(host, '/api/orders')).body).orders;
}

const server = () => `${record.context}-server-0`;

test('the first up creates cluster, platform and environment', async () => {
  const { stdout } = await wtOk(['up'], { cwd: repository.top });
  const written = await readClusterRecord();
  if (written === undefined) throw new Error('there is no record of the cluster');
  record = written;
  expect(record).toMatchObject({ driver: 'k3d', ingress: 'published' });
  expect(stdout).toContain(hosts.main);
  expect((await ask(hosts.main)).body).toContain('shop');
}, 900_000);

test('a second worktree has its own database and Temporal namespace', async () => {
  await wtOk(['up'], { cwd: branch });
  await shippedOrder(hosts.main);
  await shippedOrder(hosts.main);
  await shippedOrder(hosts.branch);
  expect([await ordersOf(hosts.main), await ordersOf(hosts.branch)].map((orders) => orders.length)).toEqual([
    2, 1,
  ]);
}, 600_000);

test('an edit in a worktree is live in its pod, and nowhere else', async () => {
  edit(join(branch, 'web', 'page.js'), '<title>', '<title>Edited: ');
  await eventually('the edited page', async () =>
    (await ask(hosts.branch)).body.includes('<title>Edited: ') ? true : undefined,
  );
  expect((await ask(hosts.main)).body).not.toContain('Edited: ');
  // The edit restarts processes, and on a busy machine that takes seconds.
  await eventually('every pod ready again', async () =>
    (await wt(['status'], { cwd: branch })).code === 0 ? true : undefined,
  );
});

test('PostgreSQL and Temporal answer on this machine, on the ports in the settings and no other address', async () => {
  const { url } = JSON.parse((await wtOk(['db', 'url', '--json'], { cwd: branch })).stdout) as {
    url: string;
  };
  expect(new URL(url).host).toBe(`127.0.0.1:${record.postgres?.port}`);
  const { stdout } = await wtOk(['db', 'psql', '--', '-Atc', 'SELECT count(*) FROM orders'], { cwd: branch });
  expect(stdout.trim()).toBe('1');
  // The load balancer's if there is one, else the node's.
  const published = await docker(
    ...['ps', '--filter', `label=k3d.cluster=${record.context.replace('k3d-', '')}`],
    ...['--format', '{{.Ports}}'],
  );
  expect(published).toContain(`127.0.0.1:${record.temporal?.port}->30733/tcp`);
  expect(published.match(/[\d.:[\]]+(?=:\d+->)/g)?.filter((address) => address !== '127.0.0.1')).toEqual([]);
  const workflows = JSON.parse((await wtOk(['workflows', '--json'], { cwd: branch })).stdout);
  expect(workflows).toMatchObject({ namespace: 'wt-shop--feat-k3d' });
});

test('wt status exits with 0', async () => {
  // The edit before may have restarted more than its page.
  await eventually('every service answers', async () =>
    (await wt(['status'], { cwd: branch })).code === 0 ? true : undefined,
  );
});

test.each([
  ['logs', 'web', '--tail', '3'],
  ['env'],
  ['platform', 'status'],
  ['cluster', 'status'],
  ['doctor'],
])('wt %s exits with 0', async (...args) => {
  await wtOk(args, { cwd: branch });
});

test('a stopped cluster comes back with everything in it', async () => {
  await wtOk(['cluster', 'stop']);
  expect((await wt(['status'], { cwd: branch })).code).not.toBe(0);
  const { stdout } = await wtOk(['up', '--json'], { cwd: branch });
  expect(JSON.parse(stdout).ok).not.toBe(false);
  await eventually('both environments answer', async () =>
    (await ordersOf(hosts.main)).length === 2 && (await ordersOf(hosts.branch)).length === 1
      ? true
      : undefined,
  );
  await shippedOrder(hosts.branch);
}, 600_000);

test('when a node has been deleted, up recreates the cluster and finds the earlier rows', async () => {
  await docker('rm', '--force', '--volumes', server());
  await wtOk(['up'], { cwd: branch });
  expect(await readClusterRecord()).not.toMatchObject({ uid: record.uid });
  await eventually('the earlier orders', async () =>
    (await ordersOf(hosts.branch)).length === 2 ? true : undefined,
  );
  await shippedOrder(hosts.branch);
  await wtOk(['up'], { cwd: repository.top });
  expect(await ordersOf(hosts.main)).toHaveLength(2);
}, 900_000);

test('down leaves nothing of an environment, and does not touch the other', async () => {
  await wtOk(['down'], { cwd: branch });
  expect((await ask(hosts.branch)).status).toBe(404);
  expect((await ask(hosts.main)).status).toBe(200);
  const list = await wtOk(['db', 'list', '--json'], { cwd: repository.top });
  expect(list.stdout).not.toContain('wt_shop__feat_k3d');
});

test.runIf(standIns)('files written by pods belong to the owner of the worktree', async () => {
  const { stdout } = spawnSync('find', [repository.top, '-not', '-user', String(process.getuid?.())], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
});
