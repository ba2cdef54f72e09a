import http from 'node:http';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readClusterRecord } from '../../core/state/cluster-record.ts';
import { connectTemporal } from '../../servers/temporal/connection/connection.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import { repetitions } from '../series.ts';
import { edit, eventually, kubectl, post, Repository, wt, wtOk } from './harness.ts';

const workflows = repetitions({ test: 50, soak: 500 });

/** A worktree of the shop. Each orders a different quantity, so that a row shows whose it is. */
interface Environment {
  readonly folder: string;
  readonly host: string;
  /** Temporal's and Kubernetes': both have the same name. */
  readonly namespace: string;
  readonly quantity: number;
}

let repository: Repository;
let environments: readonly Environment[];
let temporal: Temporal;

beforeAll(async () => {
  await wtOk(['cluster', 'start']);
  repository = new Repository({ temporal: true });
  environments = [
    { folder: repository.top, host: 'main.shop.localhost', namespace: 'wt-shop--main', quantity: 1 },
    {
      folder: repository.worktree('feat/jobs'),
      host: 'feat-jobs.shop.localhost',
      namespace: 'wt-shop--feat-jobs',
      quantity: 2,
    },
  ];
  for (const { folder } of environments) await wtOk(['up'], { cwd: folder });
  const port = (await readClusterRecord())?.temporal?.port;
  temporal = await connectTemporal({ address: `127.0.0.1:${port}` });
});

afterAll(async () => {
  temporal?.close();
  for (const { folder } of environments) await wt(['down', '--force'], { cwd: folder });
  repository.remove();
});

async function sql<T>({ folder }: Environment, text: string): Promise<T[]> {
  const { stdout } = await wtOk(['db', 'url', '--json'], { cwd: folder });
  const client = new Client({ connectionString: (JSON.parse(stdout) as { url: string }).url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const agent = new http.Agent({ keepAlive: true });

/** Orders through the environment's own URL; returns the id. */
async function order(environment: Environment): Promise<number> {
  const { status, body } = await eventually(`${environment.host} takes an order`, async () => {
    const { host, quantity } = environment;
    const answer = await post(host, '/api/orders', { product: 1, quantity }, { agent });
    // The gateway's answer while `api` misses its probe on a busy machine: the order did not arrive.
    return answer.status === 503 ? undefined : answer;
  });
  if (status !== 201) throw new Error(`${environment.host} answered ${status}: ${body}`);
  return JSON.parse(body).id;
}

/** Runs `work` `count` times, four at once: `api` has five database sessions. */
async function fourAtOnce(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const go = async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: 4 }, go));
}

async function workerPod(
  { namespace }: Environment,
  field: '.metadata.name' | '.status.podIP',
): Promise<string> {
  const selector = ['-l', 'coppice.dev/service=worker', '-o', `jsonpath={.items[*]${field}}`];
  const found = await kubectl('-n', namespace, 'get', 'pods', ...selector);
  expect(found.split(' ')).toHaveLength(1);
  return found;
}

async function eventsOf({ namespace }: Environment, id: number) {
  const execution = { workflowId: `order-${id}` };
  const { history } = await temporal.workflow.getWorkflowExecutionHistory({ namespace, execution });
  return history?.events ?? [];
}

async function completed({ namespace }: Environment, more = ''): Promise<number> {
  const query = `ExecutionStatus = 'Completed'${more}`;
  return Number((await temporal.workflow.countWorkflowExecutions({ namespace, query })).count);
}

/** The part after the process id: a pod's host name is its name. */
const podOf = (identity: string | null | undefined) => identity?.split('@')[1];

test(`${workflows} orders in each of two worktrees are all processed by the workers of that worktree`, async () => {
  for (const environment of environments) {
    await sql(environment, `UPDATE products SET stock = ${workflows * environment.quantity} WHERE id = 1`);
  }
  await Promise.all(environments.map((environment) => fourAtOnce(workflows, () => order(environment))));

  for (const environment of environments) {
    await eventually(`all workflows of ${environment.namespace} end`, async () => {
      return (await completed(environment)) === workflows || undefined;
    });
    const pod = await workerPod(environment, '.metadata.name');
    await fourAtOnce(workflows, async (index) => {
      const events = await eventsOf(environment, index + 1);
      const tasks = events.flatMap((event) => event.workflowTaskCompletedEventAttributes ?? []);
      const activities = events.flatMap((event) => event.activityTaskStartedEventAttributes ?? []);
      // Reserved, charged at the second attempt at the earliest, shipped.
      expect(activities).toHaveLength(3);
      expect(activities[1]?.attempt).toBeGreaterThanOrEqual(2);
      const by = new Set([...tasks, ...activities].map(({ identity }) => podOf(identity)));
      expect([...by]).toEqual([pod]);
    });
  }
});

test('each database holds all orders of its worktree and no others, and each was charged once', async () => {
  for (const environment of environments) {
    const { quantity } = environment;
    const orders = await sql(
      environment,
      `SELECT status, quantity, count(*)::int, min(id), max(id) FROM orders GROUP BY status, quantity`,
    );
    expect(orders).toEqual([{ status: 'shipped', quantity, count: workflows, min: 1, max: workflows }]);
    const payments = await sql(
      environment,
      'SELECT amount, count(*)::int, count(charged_at)::int AS charged FROM payments GROUP BY amount',
    );
    expect(payments).toEqual([{ amount: 1450 * quantity, count: workflows, charged: workflows }]);
    expect(await sql(environment, 'SELECT stock FROM products WHERE id = 1')).toEqual([{ stock: 0 }]);
  }
});

test('each namespace holds its own workflows, under the same ids and the same task queue', async () => {
  for (const environment of environments) {
    const { namespace } = environment;
    expect(await completed(environment, " AND TaskQueue = 'orders'")).toBe(workflows);
    const all = await temporal.workflow.countWorkflowExecutions({ namespace });
    expect(Number(all.count)).toBe(workflows);
  }
});

test('the metrics of both workers answer on the same port, and are about their own namespace', async () => {
  for (const environment of environments) {
    const address = await workerPod(environment, '.status.podIP');
    const text = await eventually(`metrics of ${environment.namespace}`, () =>
      fetch(`http://${address}:9464/metrics`).then(
        (answer) => answer.text(),
        () => undefined,
      ),
    );
    const namespaces = new Set([...text.matchAll(/namespace="(wt-[^"]+)"/g)].map(([, name]) => name));
    expect([...namespaces]).toEqual([environment.namespace]);
    const counted = /^temporal_workflow_completed\{.*\} (\d+)$/m.exec(text)?.[1];
    // Fewer than there were, where an answer was lost and the server had counted the task as done.
    expect(Number(counted)).toBeGreaterThan(workflows / 2);
    expect(Number(counted)).toBeLessThanOrEqual(workflows);
  }
});

test('an edited workflow takes effect in its own worktree, without another up', async () => {
  const [main, branch] = environments as [Environment, Environment];
  for (const environment of environments) await sql(environment, 'UPDATE products SET stock = 1000');
  edit(join(branch.folder, 'worker', 'workflows.js'), "return 'shipped'", "return 'on its way'");
  const resultOf = async (environment: Environment) => {
    const id = await order(environment);
    return eventually(`order ${id} of ${environment.host} ends`, async () => {
      const completed = (await eventsOf(environment, id)).at(-1)?.workflowExecutionCompletedEventAttributes;
      const data = completed?.result?.payloads?.[0]?.data;
      return data ? JSON.parse(Buffer.from(data).toString()) : undefined;
    });
  };
  await eventually('the branch works by the edited workflow', async () => {
    return (await resultOf(branch)) === 'on its way' || undefined;
  });
  expect(await resultOf(main)).toBe('shipped');
});
