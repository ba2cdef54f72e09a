import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../../core/package-root.ts';
import { ensureDatabase } from '../../../servers/postgres/clones/ensure.ts';
import type { Server } from '../../../servers/postgres/connection/server.ts';
import { endSessions, open, seal } from '../../../servers/postgres/connection/sessions.ts';
import type { CommandRun } from '../../../servers/postgres/types.ts';
import { runIn, startTestServer, type TestServer, testOwner, until } from './harness.ts';

const shop = join(packageRoot(), 'examples', 'shop');
const name = 'wt_shop__feat_login';
const password = 'of the shop';
const migrations = ['0001_products', '0002_orders', '0003_order_status'].map((file, index) => ({
  path: `db/migrations/${file}.sql`,
  sha256: String(index).repeat(64),
}));

let server: TestServer;
let admin: Server;
let api: ChildProcess;
let url: string;
let log = '';

const urlOf = ({ database, user, password }: Pick<CommandRun, 'database' | 'user' | 'password'>) =>
  `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${server.login.port}/${database}`;

beforeAll(async () => {
  if (!existsSync(join(shop, 'node_modules', 'node-pg-migrate')))
    throw new Error('the packages of the example are not there: npm ci in examples/shop');
  server = await startTestServer();
  admin = await server.connect();
  const run = Object.assign(
    async (command: CommandRun) => {
      const env = { PATH: process.env.PATH, DATABASE_URL: urlOf(command) };
      execFileSync(process.execPath, ['db/migrate.js'], { cwd: shop, env, stdio: 'pipe' });
    },
    { runs: runIn(server, {}).runs },
  );
  const template = {
    app: 'shop',
    owner: 'shop_owner',
    extensions: [],
    migrations,
    seed: { kind: 'sql', text: readFileSync(join(shop, 'db', 'seed.sql'), 'utf8') } as const,
    hash: '1'.repeat(16),
    sourceHash: '2'.repeat(16),
  };
  const { signal } = new AbortController();
  await ensureDatabase(admin, { name, password, owner: testOwner('feat-login'), template }, { run, signal });

  api = spawn(process.execPath, ['api/server.js'], {
    cwd: shop,
    env: { PATH: process.env.PATH, PORT: '0', DATABASE_URL: urlOf({ database: name, user: name, password }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const read = (chunk: Buffer) => {
    log += chunk;
  };
  api.stdout?.on('data', read);
  api.stderr?.on('data', read);
  await until(() => log.includes('listens on'));
  url = /listens on (http:\S+)/.exec(log)?.[1] ?? '';
});
afterAll(async () => {
  api?.kill('SIGKILL');
  await admin?.close();
  await server?.remove();
});

const get = async (path: string) => (await fetch(`${url}${path}`)).json();
const order = (product: number, quantity: number) =>
  fetch(`${url}/api/orders`, { method: 'POST', body: JSON.stringify({ product, quantity }) });

test('the shop sells the products of its seed, and shows its database', async () => {
  expect(await get('/api/products')).toMatchObject({
    database: name,
    products: [{ id: 1 }, { id: 2, name: 'Billhook', price: 5900, stock: 4 }, { id: 3 }, { id: 4 }],
  });
});

test('its migrations and rows belong to the role that owns the objects of all environments', async () => {
  const inside = await server.connect().then(async (one) => {
    const database = await one.in(name);
    await one.close();
    return database;
  });
  const owners = await inside.query(`SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'`);
  expect(owners).toEqual([{ tableowner: 'shop_owner' }]);
  expect(await inside.query('SELECT name FROM migrations ORDER BY id')).toEqual([
    { name: '0001_products' },
    { name: '0002_orders' },
    { name: '0003_order_status' },
  ]);
  await inside.close();
});

test('concurrent orders never take the same item twice', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => order(3, 1)));
  expect(answers.map(({ status }) => status).sort()).toEqual([...Array(3).fill(201), ...Array(9).fill(409)]);
  expect(await get('/api/products/3')).toMatchObject({ stock: 0 });
  const { orders } = (await get('/api/orders')) as { orders: unknown[] };
  expect(orders).toHaveLength(3);
  expect(orders[0]).toEqual({
    id: expect.any(Number),
    product: 'Garden hurdle, six feet',
    quantity: 1,
    total: 8600,
    status: 'reserved',
  });
});

test('an id or a quantity too large for its column is refused like any other invalid one', async () => {
  expect((await fetch(`${url}/api/products/${2 ** 40}`)).status).toBe(404);
  expect((await order(2 ** 40, 1)).status).toBe(400);
  expect((await order(1, 2 ** 40)).status).toBe(400);
});

test('it survives the end of its sessions, as by a snapshot, and reports itself unhealthy until it can reconnect', async () => {
  await get('/api/orders');
  await seal(admin, name);
  await endSessions(admin, name);
  await until(() => log.includes('lost a session'));
  expect((await fetch(`${url}/healthz`)).status).toBe(503);
  await open(admin, name);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await order(1, 1)).status).toBe(201);
  expect(api.exitCode).toBeNull();
});

test('it exits with 0 on SIGTERM despite its open pool', async () => {
  expect(api.exitCode).toBeNull();
  api.kill('SIGTERM');
  expect(await once(api, 'exit')).toEqual([0, null]);
});
