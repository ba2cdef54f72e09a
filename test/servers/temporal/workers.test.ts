import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { packageRoot } from '../../../core/package-root.ts';
import { ensureNamespace } from '../../../servers/temporal/namespaces/ensure.ts';
import { workflowHistory } from '../../../servers/temporal/workflows/history.ts';
import { workers } from '../../../servers/temporal/workflows/workers.ts';
import { listWorkflows } from '../../../servers/temporal/workflows/workflows.ts';
import { pollUntilEnded } from './by-hand.ts';
import { server, signal, temporal, test } from './fixture.ts';
import { startWorkflow, testRequest, until } from './harness.ts';

const later = (seconds: number) => new Date(Date.now() + seconds * 1000);

async function namespaceOf(environment: string): Promise<string> {
  const request = testRequest(environment);
  await ensureNamespace(temporal, request, signal);
  return request.name;
}

/** A worker of the example's SDK, in a process of its own. */
async function startWorker(namespace: string): Promise<ChildProcess> {
  const script = join(packageRoot(), 'test', 'servers', 'temporal', 'worker', 'main.mjs');
  const worker = spawn(process.execPath, [script, server.frontend.address, namespace], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    for (const output of [worker.stdout, worker.stderr]) {
      createInterface({ input: output }).on('line', (line) => {
        lines.push(line);
        if (/state: 'RUNNING'|Worker state changed.*RUNNING/.test(line)) resolve();
      });
    }
    worker.once('exit', () => reject(new Error(`the worker ended:\n${lines.join('\n')}`)));
  });
  return worker;
}

async function killed(worker: ChildProcess): Promise<void> {
  const exit = new Promise((resolve) => worker.once('exit', resolve));
  worker.kill('SIGKILL');
  await exit;
}

test('a namespace without workflows and workers has no task queues', async () => {
  expect(await workers(temporal, await namespaceOf('empty'))).toEqual([]);
});

test('a task queue without workers is listed, with the workflows that wait in it', async () => {
  const namespace = await namespaceOf('waiting');
  await startWorkflow(temporal, namespace, 'one', { taskQueue: 'orders' });
  await startWorkflow(temporal, namespace, 'two', { taskQueue: 'orders' });
  await startWorkflow(temporal, namespace, 'three', { taskQueue: "kai's \\ queue" });
  // The list lags, and so does the number of tasks.
  await until(
    async () =>
      (await workers(temporal, namespace)).reduce(
        (sum, { running, backlog }) => sum + running + backlog,
        0,
      ) === 6,
  );
  expect(await workers(temporal, namespace)).toEqual([
    { name: "kai's \\ queue", pollers: [], running: 1, backlog: 1 },
    { name: 'orders', pollers: [], running: 2, backlog: 2 },
  ]);
});

test('a client that polls is counted once, and gone 70 seconds after its last poll', async () => {
  const namespace = await namespaceOf('polled');
  await startWorkflow(temporal, namespace, 'one', { taskQueue: 'orders' });
  const end = await pollUntilEnded(temporal, namespace, 'orders', '12@shop-worker');
  try {
    await until(async () => (await workers(temporal, namespace)).length === 1);
    const [queue] = await workers(temporal, namespace);
    expect(queue?.pollers).toEqual([
      {
        identity: '12@shop-worker',
        polls: ['workflow', 'activity'],
        lastSeen: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      },
    ]);
    expect(await workers(temporal, namespace, { now: later(80) })).toMatchObject([{ pollers: [] }]);
  } finally {
    await end();
  }
});

test('a real worker is listed, works, and is gone 70 seconds after it was killed', async () => {
  const namespace = await namespaceOf('real');
  const worker = await startWorker(namespace);
  try {
    await startWorkflow(temporal, namespace, 'order-1', { taskQueue: 'orders' });
    await until(async () => (await workers(temporal, namespace))[0]?.pollers[0]?.polls.length === 2);
    expect(await workers(temporal, namespace)).toMatchObject([
      { name: 'orders', pollers: [{ identity: 'real worker', polls: ['workflow', 'activity'] }] },
    ]);
    // Its activity `charge` always fails.
    await until(async () => (await listWorkflows(temporal, namespace)).workflows[0]?.retry !== undefined);
    expect((await listWorkflows(temporal, namespace)).workflows).toMatchObject([
      {
        id: 'order-1',
        kind: 'stuck',
        reason: expect.stringMatching(/CardDeclined: the card was declined$/),
        retry: { what: 'activity', name: 'charge' },
      },
    ]);
    const { entries, left } = await workflowHistory(temporal, namespace, 'order-1');
    expect(left).toMatchObject({ activitiesCompleted: 1 });
    expect(entries).toMatchObject([
      {
        kind: 'activity retries',
        name: 'charge',
        failure: {
          message: 'the card was declined',
          type: 'CardDeclined',
          stack: [expect.stringMatching(/^at .*charge.*main\.mjs:\d+/)],
        },
      },
    ]);
  } finally {
    await killed(worker);
  }
  expect(await workers(temporal, namespace, { now: later(80) })).toMatchObject([
    { name: 'orders', pollers: [], running: 1 },
  ]);
});
