import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request, type Server as StandIn } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readDatabaseFiles } from '../../../config/files/database.ts';
import type { FileDigest } from '../../../config/plan/environment-plan.ts';
import { loadSpec } from '../../../config/spec/load.ts';
import { packageRoot } from '../../../core/package-root.ts';

interface Server {
  readonly url: string;
  readonly process: ChildProcess;
  /** Everything it printed so far. */
  printed(): string;
}

const running: ChildProcess[] = [];
const servers: StandIn[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

/** One of the example's servers as a process of its own, on a port that the system chooses. */
async function start(service: 'web' | 'api', env: Record<string, string> = {}): Promise<Server> {
  const child = spawn(process.execPath, [`${service}/server.js`], {
    cwd: join(packageRoot(), 'examples', 'shop'),
    env: { PATH: process.env.PATH, PORT: '0', HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      text += chunk;
      const listening = /listens on (http:\S+)/.exec(text);
      if (listening?.[1]) resolve(listening[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
  return { url, process: child, printed: () => text };
}

const post = (url: string, body: string) => fetch(url, { method: 'POST', body });

/** Resolves when the server has printed a line that matches. */
async function line(server: Server, pattern: RegExp): Promise<string> {
  for (;;) {
    const found = server
      .printed()
      .split('\n')
      .find((candidate) => pattern.test(candidate));
    if (found !== undefined) return found;
    await once(server.process.stdout ?? server.process, 'data');
  }
}

test('its coppice.yaml has no problem, and its database is built from existing files', async () => {
  const loaded = await loadSpec(join(packageRoot(), 'examples', 'shop', 'coppice.yaml'));
  const paths = (files: readonly FileDigest[] = []) => files.map(({ path }) => path);
  const files = await readDatabaseFiles(loaded);
  expect(paths(files?.migrations)).toEqual([
    'db/migrations/0001_products.sql',
    'db/migrations/0002_orders.sql',
    'db/migrations/0003_order_status.sql',
  ]);
  expect(paths(files?.tools)).toEqual(expect.arrayContaining(['db/migrate.js', 'package-lock.json']));
  expect(paths(files?.seed)).toEqual(['db/seed.sql']);
});

describe('api', () => {
  test('lists products with name, price and stock', async () => {
    const { url } = await start('api');
    const response = await fetch(`${url}/api/products`);
    const { products } = (await response.json()) as { products: unknown[] };
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(products.length).toBeGreaterThan(0);
    expect(products[0]).toEqual({
      id: 1,
      name: expect.any(String),
      price: expect.any(Number),
      stock: expect.any(Number),
    });
  });

  test('answers at / in JSON too, for requests to its own host', async () => {
    const { url } = await start('api', { ENVIRONMENT: 'shop/feat-login' });
    expect(await (await fetch(url)).json()).toMatchObject({ service: 'api', environment: 'shop/feat-login' });
  });

  test('returns one product, and 404 for a missing one', async () => {
    const { url } = await start('api');
    expect(await (await fetch(`${url}/api/products/2`)).json()).toMatchObject({ id: 2 });
    expect((await fetch(`${url}/api/products/99`)).status).toBe(404);
    expect((await fetch(`${url}/api/products/2/parts`)).status).toBe(404);
  });

  test('accepts an order, reduces the stock, and stores it', async () => {
    const { url } = await start('api');
    const before = (await (await fetch(`${url}/api/products/2`)).json()) as { stock: number; price: number };
    const made = await post(`${url}/api/orders`, '{"product": 2, "quantity": 3}');
    expect(made.status).toBe(201);
    expect(await made.json()).toMatchObject({ id: 1, quantity: 3, total: 3 * before.price });
    expect(await (await fetch(`${url}/api/products/2`)).json()).toMatchObject({ stock: before.stock - 3 });
    expect(await (await fetch(`${url}/api/orders`)).json()).toMatchObject({ orders: [{ id: 1 }] });
  });
});

test('api without its database keeps running, and its health reports that the database does not answer', async () => {
  const { url } = await start('api', { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/wt_shop__main' });
  const health = await fetch(`${url}/healthz`);
  expect(health.status).toBe(503);
  expect(await health.text()).toContain('ECONNREFUSED');
  expect(await (await fetch(url)).json()).toMatchObject({ database: 'wt_shop__main' });
});

describe('api, for a request that it cannot serve,', () => {
  let url: string;
  let stop: () => void;
  beforeAll(async () => {
    const server = await start('api');
    running.length = 0;
    url = server.url;
    stop = () => server.process.kill('SIGKILL');
  });
  afterAll(() => stop());

  test.each([
    ['not JSON', 'nonsense', 400],
    ['no object', 'null', 400],
    ['a product that is not there', '{"product": 99}', 400],
    ['half a product', '{"product": 1, "quantity": 0.5}', 400],
    ['less than nothing', '{"product": 1, "quantity": -1}', 400],
    ['more than there is', '{"product": 1, "quantity": 100000}', 409],
    ['more than anybody would write', ' '.repeat(20_000), 413],
  ])('refuses an order of %s and gives the reason', async (_, body, status) => {
    const response = await post(`${url}/api/orders`, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: expect.any(String) });
    expect(await (await fetch(`${url}/api/orders`)).json()).toMatchObject({ orders: [] });
  });

  test.each(['/elsewhere', '/api/elsewhere', '/apix/products'])('answers 404 at %s', async (path) => {
    expect((await fetch(`${url}${path}`)).status).toBe(404);
  });
});

/** An api that has one product and one order; returns its URL. */
async function apiThatSays(status: string, temporal: string | null, trouble: string | null = null) {
  const product = { id: 1, name: 'Billhook', price: 5900, stock: 4 };
  const order = { id: 1, product: 'Billhook', quantity: 1, total: 5900, status };
  const whose = { environment: 'shop/main', database: 'wt_shop__main', temporal, trouble };
  const server = createServer((_, response) => {
    response.end(JSON.stringify({ ...whose, products: [product], orders: [order] }));
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('web', () => {
  test('shows what api answered, and the environment', async () => {
    const api = await start('api', { ENVIRONMENT: 'shop/feat-login' });
    const web = await start('web', { API_URL: api.url, ENVIRONMENT: 'shop/feat-login' });
    const { products } = (await (await fetch(`${api.url}/api/products`)).json()) as {
      products: { name: string }[];
    };
    const response = await fetch(web.url);
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/html');
    for (const { name } of products) expect(page).toContain(name);
    expect(page).toContain('<h1>shop/feat-login</h1>');
    expect(page).toContain(`<code>${api.url}</code>`);
    expect(page).toContain('with no database');
  });

  test('requests api for every page', async () => {
    const api = await start('api');
    const web = await start('web', { API_URL: api.url });
    expect(await (await fetch(web.url)).text()).toContain('None yet.');
    await post(`${api.url}/api/orders`, '{"product": 2}');
    expect(await (await fetch(web.url)).text()).toContain('1 × Billhook');
  });

  test.each([
    ['placed', 'placed', true],
    ['charged', 'charged', true],
    ['shipped', 'shipped', false],
    ['rejected', 'rejected: not as many were left', false],
  ])(
    'shows that an order is %s, and reloads by itself only while it is in progress',
    async (status, said, underWay) => {
      const { url } = await start('web', { API_URL: await apiThatSays(status, 'wt-shop--main') });
      const page = await (await fetch(url)).text();
      expect(page).toContain(`<td>${said}</td>`);
      expect(page.includes('<main id="shop" data-under-way>')).toBe(underWay);
      expect(page).toContain('<code>wt-shop--main</code>');
    },
  );

  test('does not wait for an order of a shop without Temporal, which no worker continues', async () => {
    const { url } = await start('web', { API_URL: await apiThatSays('reserved', null) });
    expect(await (await fetch(url)).text()).toContain('<main id="shop">');
  });

  test('shows why orders wait', async () => {
    const trouble = 'Temporal at <x> does not answer';
    const { url } = await start('web', { API_URL: await apiThatSays('placed', 'wt-shop--main', trouble) });
    expect(await (await fetch(url)).text()).toContain('Orders wait. Temporal at &lt;x&gt; does not answer');
  });

  test('two environments have pages of different colours', async () => {
    const api = await start('api');
    const hue = async (ENVIRONMENT: string) => {
      const { url } = await start('web', { API_URL: api.url, ENVIRONMENT });
      return /--hue: (\d+)/.exec(await (await fetch(url)).text())?.[1];
    };
    expect(await hue('shop/main')).not.toBe(await hue('shop/feat-login'));
  });

  test('names of environments are text, not HTML', async () => {
    const { url } = await start('web', { API_URL: 'http://127.0.0.1:1', ENVIRONMENT: '<b>"&' });
    expect(await (await fetch(url)).text()).toContain('<h1>&lt;b&gt;&quot;&amp;</h1>');
  });

  test('answers 502 with the reason while api is down, and recovers when it is back', async () => {
    const api = await start('api');
    const web = await start('web', { API_URL: api.url });
    api.process.kill('SIGKILL');
    await once(api.process, 'exit');
    const response = await fetch(web.url);
    expect(response.status).toBe(502);
    expect(await response.text()).toMatch(/does not answer: .*ECONNREFUSED/);
    await start('api', { PORT: new URL(api.url).port });
    expect((await fetch(web.url)).status).toBe(200);
  });

  test('is healthy by itself: its health does not depend on api', async () => {
    const { url } = await start('web', { API_URL: 'http://127.0.0.1:1' });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

describe.each(['api', 'web'] as const)('%s as a process', (service) => {
  test('logs one line per request, with its query, and none for a health check', async () => {
    const server = await start(service);
    await fetch(`${server.url}/healthz`);
    await fetch(`${server.url}/somewhere?mark=one`);
    expect(await line(server, /mark=one/)).toMatch(/^GET \/somewhere\?mark=one 404 \d+ ms$/);
    expect(server.printed()).not.toContain('/healthz');
  });

  test('exits with 0 on SIGTERM, although a client keeps its connection open', async () => {
    const server = await start(service);
    const idle = connect(Number(new URL(server.url).port), '127.0.0.1');
    await once(idle, 'connect');
    await fetch(`${server.url}/healthz`);
    server.process.kill('SIGTERM');
    expect(await once(server.process, 'exit')).toEqual([0, null]);
    idle.destroy();
  });

  test('finishes a request that it has begun before it exits', async () => {
    const server = await start(service);
    const open = request(`${server.url}/somewhere`, { method: 'POST' });
    open.write('begun');
    await new Promise<void>((resolve) => open.once('socket', (socket) => socket.once('connect', resolve)));
    await fetch(`${server.url}/healthz`);
    server.process.kill('SIGTERM');
    await line(server, / ends$/);
    open.end();
    const [response] = await once(open, 'response');
    response.resume();
    expect(response.statusCode).toBe(404);
    expect(await once(server.process, 'exit')).toEqual([0, null]);
  });

  test('survives a request line that is not a path', async () => {
    const server = await start(service);
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.end('GET //[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 404/);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});
