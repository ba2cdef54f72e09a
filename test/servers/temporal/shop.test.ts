import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { packageRoot } from '../../../core/package-root.ts';
import { ensureNamespace } from '../../../servers/temporal/namespaces/ensure.ts';
import type { Temporal } from '../../../servers/temporal/types.ts';
import { copyShop, edit } from '../../e2e/harness.ts';
import { testCollector } from '../../unit/instrumentation/node/collector.ts';
import { type TestServer as Postgres, startTestServer as startPostgres } from '../postgres/harness.ts';
import { startTestServer, type TestServer, testRequest, until } from './harness.ts';

const request = testRequest('orders', { searchAttributes: { OrderId: 'Keyword' } });
const namespace = request.name;
const metrics = '127.0.0.1:19464';

let folder: string;
let shop: string;
let server: TestServer;
let temporal: Temporal;
let postgres: Postgres;
let pool: Pool;
let databaseUrl: string;
let url: string;
let api: Running;
let worker: Running;

interface Running {
  readonly process: ChildProcess;
  /** Everything it printed so far. */
  printed(): string;
}

interface Order {
  readonly id: number;
  readonly status: string;
}

const running: ChildProcess[] = [];

/** A part of the example as a process of its own, with its pod's environment. */
function start(...args: string[]): Running {
  return startWith({}, ...args);
}

function startWith(env: Readonly<Record<string, string>>, ...args: string[]): Running {
  const child = spawn(process.execPath, args, {
    cwd: shop,
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      DATABASE_URL: databaseUrl,
      METRICS_ADDRESS: metrics,
      TEMPORAL_ADDRESS: server.frontend.address,
      TEMPORAL_NAMESPACE: namespace,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let text = '';
  for (const output of [child.stdout, child.stderr]) {
    output?.on('data', (chunk) => {
      text += chunk;
    });
  }
  return { process: child, printed: () => text };
}

const times = (pattern: RegExp, text: string) => text.match(new RegExp(pattern, 'g'))?.length ?? 0;
const ready = /worker takes orders/;

async function end({ process: child }: Running, signal: NodeJS.Signals = 'SIGTERM'): Promise<unknown[]> {
  const exit = once(child, 'exit');
  child.kill(signal);
  return exit;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-shop-'));
  shop = join(folder, 'shop');
  copyShop(shop, { temporal: true });
  [server, postgres] = await Promise.all([startTestServer(), startPostgres()]);
  temporal = await server.connect();
  await ensureNamespace(temporal, request, new AbortController().signal);

  const { host, port, user, password } = postgres.login;
  databaseUrl = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/postgres`;
  const env = { PATH: process.env.PATH, DATABASE_URL: databaseUrl };
  const migrated = spawnSync(process.execPath, ['db/migrate.js'], { cwd: shop, env, encoding: 'utf8' });
  expect(migrated.status, migrated.stderr).toBe(0);
  pool = new Pool({ connectionString: databaseUrl });
  await pool.query(readFileSync(join(shop, 'db', 'seed.sql'), 'utf8'));

  worker = start('worker/main.js');
  api = start('api/server.js');
  await until(() => ready.test(worker.printed()) && api.printed().includes('listens on'));
  url = /listens on (http:\S+)/.exec(api.printed())?.[1] ?? '';
});

afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await pool?.end();
  temporal?.close();
  await server?.remove();
  await postgres?.remove();
  rmSync(folder, { recursive: true });
});

async function place(product: number, quantity = 1): Promise<Order> {
  const answer = await fetch(`${url}/api/orders`, {
    method: 'POST',
    body: JSON.stringify({ product, quantity }),
  });
  expect(answer.status).toBe(201);
  return (await answer.json()) as Order;
}

const shown = async () =>
  (await (await fetch(`${url}/api/orders`)).json()) as { orders: Order[]; trouble: string | null };

async function becomes(id: number, status: string): Promise<void> {
  await until(async () => (await shown()).orders.some((order) => order.id === id && order.status === status));
}

async function stockOf(product: number): Promise<number> {
  return (await pool.query('SELECT stock FROM products WHERE id = $1', [product])).rows[0].stock;
}

describe('an order', () => {
  test('is shipped after its charge failed once and was retried, and is charged once', async () => {
    const before = await stockOf(1);
    const { id, status } = await place(1, 2);
    expect(status).toBe('placed');
    await becomes(id, 'shipped');
    expect(await stockOf(1)).toBe(before - 2);

    const execution = { workflowId: `order-${id}` };
    const { history } = await temporal.workflow.getWorkflowExecutionHistory({ namespace, execution });
    const started = history?.events?.flatMap((event) => event.activityTaskStartedEventAttributes ?? []);
    expect(started?.map(({ attempt }) => attempt)).toEqual([1, 2, 1]);
    expect(started?.[1]?.lastFailure?.message).toContain('the payment service is busy');
    const payments = await pool.query('SELECT key, amount, charged_at IS NOT NULL AS charged FROM payments');
    expect(payments.rows).toEqual([{ key: `order-${id}`, amount: 2900, charged: true }]);
  });

  test('is found by its search attribute', async () => {
    const { id } = await place(1);
    await becomes(id, 'shipped');
    await until(async () => {
      const { executions } = await temporal.workflow.listWorkflowExecutions({
        namespace,
        query: `OrderId = '${id}'`,
      });
      return executions.length === 1 && executions[0]?.execution?.workflowId === `order-${id}`;
    });
  });

  test('for more than the stock ends as rejected, and takes nothing', async () => {
    const before = await stockOf(2);
    const { id } = await place(2, 99);
    await becomes(id, 'rejected');
    expect(await stockOf(2)).toBe(before);
  });

  test('with a total too large for its column is refused', async () => {
    const body = JSON.stringify({ product: 1, quantity: 2 ** 31 - 1 });
    expect((await fetch(`${url}/api/orders`, { method: 'POST', body })).status).toBe(400);
  });

  test('stays placed while Temporal is down, which is reported, and starts once it is back', async () => {
    await server.kill();
    const { id, status } = await place(1);
    expect(status).toBe('placed');
    const { orders, trouble } = await shown();
    expect(orders).toContainEqual(expect.objectContaining({ id, status: 'placed' }));
    expect(trouble).toMatch(/^Temporal at 127\.0\.0\.1:\d+ does not answer$/);
    await server.start();
    await becomes(id, 'shipped');
    expect((await shown()).trouble).toBeNull();
  });

  test('that an api wrote just before it ended is started by the next one', async () => {
    const { rows } = await pool.query(
      `INSERT INTO orders (product, quantity, total, status) VALUES (1, 1, 1450, 'placed') RETURNING id`,
    );
    await end(api);
    api = start('api/server.js');
    await until(() => api.printed().includes('listens on'));
    url = /listens on (http:\S+)/.exec(api.printed())?.[1] ?? '';
    await becomes(rows[0].id, 'shipped');
  });

  test('that was deleted from the database fails its workflow with that reason', async () => {
    const execution = { workflowId: 'order-0' };
    await pool.query(
      `INSERT INTO orders (id, product, quantity, total, status) VALUES (0, 1, 1, 1450, 'reserved')`,
    );
    await temporal.workflow.startWorkflowExecution({
      namespace,
      workflowId: 'order-0',
      requestId: 'order-0',
      workflowType: { name: 'order' },
      taskQueue: { name: 'orders' },
      input: { payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('0') }] },
    });
    await pool.query('DELETE FROM orders WHERE id = 0');
    await until(async () => {
      const { history } = await temporal.workflow.getWorkflowExecutionHistory({ namespace, execution });
      const failed = history?.events?.at(-1)?.workflowExecutionFailedEventAttributes;
      return failed?.failure?.cause?.message === 'there is no order 0';
    });
  });
});

describe('the worker', () => {
  test('serves its metrics at the configured address', async () => {
    const text = await (await fetch(`http://${metrics}/metrics`)).text();
    expect(text).toMatch(
      /^temporal_activity_execution_failed\{activity_type="charge",.*task_queue="orders"/m,
    );
  });

  test('exits with 0 on SIGTERM', async () => {
    expect(await end(worker)).toEqual([0, null]);
  });

  test('exits on SIGTERM while Temporal is down', async () => {
    worker = start('worker/main.js');
    await until(() => ready.test(worker.printed()));
    await server.kill();
    expect(await end(worker)).toEqual([0, null]);
    await server.start();
  });

  test('prints little at start, and waits for a server that is down', async () => {
    await server.kill();
    worker = start('worker/main.js');
    await until(() => worker.printed().includes('worker cannot work, and tries again'));
    await server.start();
    await until(() => ready.test(worker.printed()));
    expect(worker.printed().trim().split('\n').length).toBeLessThan(10);
    await end(worker);
    worker = start('worker/main.js');
    await until(() => ready.test(worker.printed()));
    expect(worker.printed()).toBe(`worker takes orders of ${namespace}\n`);
    await end(worker);
  });

  test.each(['workflows.js', 'activities.js'])('restarts after an edit of %s', async (file) => {
    worker = start('--watch', 'worker/main.js');
    await until(() => ready.test(worker.printed()));
    edit(join(shop, 'worker', file), /$/, '\n// edited\n');
    await until(() => times(ready, worker.printed()) >= 2);
    await end(worker);
  });
});

test('a traced order is one trace: request, workflow, activities, SQL', async () => {
  const { endpoint, spans, close } = await testCollector();
  // As `telemetry: { instrument: [node] }` sets them in pods.
  const env = {
    NODE_OPTIONS: `--require=${join(packageRoot(), 'dist', 'instrumentation', 'node', 'preload.cjs')}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_BSP_SCHEDULE_DELAY: '100',
  };
  const traced = [startWith(env, 'worker/main.js'), startWith(env, 'api/server.js')] as const;
  const [workerHere, apiHere] = traced;
  await until(() => ready.test(workerHere.printed()) && apiHere.printed().includes('listens on'));
  const at = /listens on (http:\S+)/.exec(apiHere.printed())?.[1];
  const body = JSON.stringify({ product: 1, quantity: 1 });
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const headers = { traceparent: `00-${trace}-b7ad6b7169203331-01` };
  expect((await fetch(`${at}/api/orders`, { method: 'POST', body, headers })).status).toBe(201);
  const names = () => spans.filter((span) => span.trace === trace).map(({ name }) => name);
  const wanted = ['StartWorkflow:order', 'RunWorkflow:order', 'RunActivity:reserve', 'RunActivity:ship'];
  await until(() => wanted.every((name) => names().includes(name)));
  const ship = spans.find(({ name }) => name === 'RunActivity:ship');
  await until(() => spans.some(({ name, parent }) => name.startsWith('pg') && parent === ship?.id));
  expect(names()).toContain('POST');
  expect(await end(workerHere)).toEqual([0, null]);
  await end(apiHere);
  await close();
});

interface Activities {
  reserve(id: number): Promise<string>;
  charge(id: number): Promise<void>;
  ship(id: number): Promise<void>;
}

describe('a repeated step', () => {
  let activities: Activities;
  beforeAll(async () => {
    const file = pathToFileURL(join(packageRoot(), 'examples', 'shop', 'worker', 'activities.js')).href;
    activities = (await import(file)).orderActivities(pool);
    vi.spyOn(console, 'log').mockImplementation(() => {});
  });
  afterAll(() => vi.restoreAllMocks());

  const wish = async (product: number, quantity: number): Promise<number> =>
    (
      await pool.query(
        `INSERT INTO orders (product, quantity, total, status) VALUES ($1, $2, 100, 'placed') RETURNING id`,
        [product, quantity],
      )
    ).rows[0].id;
  const statusOf = async (id: number) =>
    (await pool.query('SELECT status FROM orders WHERE id = $1', [id])).rows[0].status;

  test('has its effect only once', async () => {
    const before = await stockOf(4);
    const id = await wish(4, 3);
    expect([await activities.reserve(id), await activities.reserve(id)]).toEqual(['reserved', 'reserved']);
    expect(await stockOf(4)).toBe(before - 3);
    await expect(activities.charge(id)).rejects.toThrow('the payment service is busy');
    expect(await statusOf(id)).toBe('reserved');
    await activities.charge(id);
    const chargedAt = 'SELECT charged_at FROM payments WHERE key = $1';
    const first = (await pool.query(chargedAt, [`order-${id}`])).rows;
    // As if the response of the payment service had been lost before the order was written.
    await pool.query(`UPDATE orders SET status = 'reserved' WHERE id = $1`, [id]);
    await activities.charge(id);
    expect((await pool.query(chargedAt, [`order-${id}`])).rows).toEqual(first);
    await activities.ship(id);
    await activities.ship(id);
    await activities.charge(id);
    expect(await activities.reserve(id)).toBe('shipped');
    expect(await statusOf(id)).toBe('shipped');
    expect(await stockOf(4)).toBe(before - 3);
  });

  test('out of order is refused permanently', async () => {
    const id = await wish(4, 1);
    await expect(activities.ship(id)).rejects.toMatchObject({
      message: `order ${id} is placed, not charged`,
      nonRetryable: true,
    });
  });

  test('never takes the same item as a concurrent one', async () => {
    const stock = await stockOf(3);
    const ids = await Promise.all(Array.from({ length: stock + 9 }, () => wish(3, 1)));
    const answers = await Promise.all(ids.map((id) => activities.reserve(id)));
    expect(answers.filter((answer) => answer === 'reserved')).toHaveLength(stock);
    expect(answers.filter((answer) => answer === 'rejected')).toHaveLength(9);
    expect(await stockOf(3)).toBe(0);
  });
});

describe("the example's replay test", () => {
  const replay = () => spawnSync('npm', ['test', '--silent'], { cwd: shop, encoding: 'utf8' });

  test('passes for the workflow as it is', () => {
    const { status, stdout, stderr } = replay();
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toContain('# pass 1');
  });

  test('fails for a workflow that takes its steps in another order', () => {
    const file = join(shop, 'worker', 'workflows.js');
    edit(file, '  await charge(id);\n  await ship(id);\n', '  await ship(id);\n  await charge(id);\n');
    const { status, stdout } = replay();
    expect(status).toBe(1);
    expect(stdout).toMatch(/Nondeterminism/);
  });
});
