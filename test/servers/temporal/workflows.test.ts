import { afterEach, beforeEach, expect } from 'vitest';
import { concurrently } from '../../../servers/temporal/connection/concurrently.ts';
import { ensureNamespace } from '../../../servers/temporal/namespaces/ensure.ts';
import { workflowHistory } from '../../../servers/temporal/workflows/history.ts';
import type { WorkflowList } from '../../../servers/temporal/workflows/types.ts';
import { workers } from '../../../servers/temporal/workflows/workers.ts';
import { listWorkflows, runningWorkflows } from '../../../servers/temporal/workflows/workflows.ts';
import { type ByHand, pollUntilEnded, workerByHand } from './by-hand.ts';
import { signal, temporal, test } from './fixture.ts';
import { served, startWorkflow, testRequest, until } from './harness.ts';

let tests = 0;
let namespace: string;
/** Executes workflows of the queue `orders` with a worker's calls. */
let byHand: ByHand;
const ends: (() => Promise<void>)[] = [];
beforeEach(async () => {
  tests += 1;
  const request = testRequest(`feat-${tests}`);
  namespace = request.name;
  await ensureNamespace(temporal, request, signal);
  byHand = workerByHand(temporal, namespace, 'orders');
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const idle = async (queue: string) => {
  ends.push(await pollUntilEnded(temporal, namespace, queue, `idle@${queue}`));
};

/** Polls the list, which lags, until it is as expected; if it never is, returns its last state, which a test shows. */
async function listed(holds: (list: WorkflowList) => boolean, limit?: number): Promise<WorkflowList> {
  const options = limit === undefined ? {} : { limit };
  const ask = () => served(() => listWorkflows(temporal, namespace, options));
  let list = await ask();
  const end = Date.now() + 60_000;
  while (!holds(list) && Date.now() < end) {
    list = await ask();
  }
  return list;
}
const shows = (kind: string) => (list: WorkflowList) => list.workflows.some((one) => one.kind === kind);

const failure = (message: string) => ({ message, applicationFailureInfo: {} });
const declined = {
  message: 'the card was declined',
  stackTrace: '    at charge (/app/worker/activities.js:12:9)\n    at two\n    at three\n    at four',
  applicationFailureInfo: { type: 'CardDeclined' },
};

test('a namespace without workflows has an empty list', async () => {
  expect(await listWorkflows(temporal, namespace)).toEqual({
    namespace,
    workflows: [],
    total: { running: 0, failed: 0 },
    cut: false,
  });
  expect(await runningWorkflows(temporal, namespace)).toBe(0);
});

test('nothing runs in a missing namespace', async () => {
  expect(await runningWorkflows(temporal, 'wt-shop--nowhere')).toBe(0);
});

test('a running workflow with a worker is running, without a reason', async () => {
  await startWorkflow(temporal, namespace, 'order-1');
  await byHand.schedule('charge');
  await idle('orders');
  const { workflows, total } = await listed(shows('running'));
  expect(workflows).toEqual([
    {
      id: 'order-1',
      runId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'order',
      taskQueue: 'orders',
      status: 'Running',
      kind: 'running',
      started: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    },
  ]);
  expect(total).toEqual({ running: 1, failed: 0 });
  expect(await runningWorkflows(temporal, namespace)).toBe(1);
});

test('a workflow whose task queue is not polled is stuck', async () => {
  await startWorkflow(temporal, namespace, 'order-1', { taskQueue: 'nobody' });
  const { workflows } = await listed(shows('stuck'));
  expect(workflows).toMatchObject([{ kind: 'stuck', reason: 'no worker asks for work of nobody' }]);
});

test('a workflow whose worker was last seen more than 70 seconds ago is stuck', async () => {
  await startWorkflow(temporal, namespace, 'order-1');
  await byHand.schedule('charge');
  await idle('orders');
  const later = (seconds: number) =>
    listWorkflows(temporal, namespace, { now: new Date(Date.now() + seconds * 1000) });
  await listed(shows('running'));
  expect((await later(0)).workflows).toMatchObject([{ kind: 'running' }]);
  expect((await later(80)).workflows).toMatchObject([{ kind: 'stuck' }]);
});

test('a workflow whose activity is not polled is stuck, and the reason names it', async () => {
  await startWorkflow(temporal, namespace, 'order-1');
  await byHand.schedule('charge', { queue: 'payments' });
  await idle('orders');
  const { workflows } = await listed(shows('stuck'));
  expect(workflows).toMatchObject([
    { kind: 'stuck', reason: 'no worker asks for activities of payments, and charge waits' },
  ]);
});

test('a workflow whose activity failed twice is stuck, with the attempt and the last message; one failure is no reason', async () => {
  await startWorkflow(temporal, namespace, 'order-1');
  await byHand.schedule('charge');
  await byHand.failActivity(failure('no connection'));
  const once = await listed(({ workflows }) => workflows.length === 1);
  expect(once.workflows).toMatchObject([{ kind: 'running' }]);
  await byHand.failActivity({ ...failure('it failed'), cause: declined });
  const { workflows } = await listed(shows('stuck'));
  expect(workflows).toMatchObject([
    {
      kind: 'stuck',
      reason: 'activity charge failed 2 times: CardDeclined: the card was declined',
      retry: {
        what: 'activity',
        name: 'charge',
        attempt: 3,
        message: 'CardDeclined: the card was declined',
      },
    },
  ]);
  await byHand.failActivity(declined);
  const more = await listed((list) => list.workflows[0]?.retry?.attempt === 4);
  expect(more.workflows[0]?.reason).toMatch(/^activity charge failed 3 times/);
});

test('a workflow whose own task failed twice is stuck, with the message', async () => {
  await startWorkflow(temporal, namespace, 'order-1');
  await byHand.failTask(24, 'Activity type of scheduled event does not match');
  await byHand.failTask(24, 'Activity type of scheduled event does not match');
  const { workflows } = await listed(({ workflows }) => workflows[0]?.retry !== undefined);
  const message = 'DeterminismViolation: Activity type of scheduled event does not match';
  expect(workflows).toMatchObject([
    {
      kind: 'stuck',
      reason: `its task failed 2 times: ${message}`,
      retry: { what: 'workflow task', name: 'order', attempt: 3, message },
    },
  ]);
});

test('only what failed, was terminated or timed out in the last day is listed with its reason', async () => {
  const { workflow } = temporal;
  await startWorkflow(temporal, namespace, 'fails');
  await byHand.failWorkflow({
    message: 'Activity task failed',
    cause: declined,
    activityFailureInfo: {},
  });
  await startWorkflow(temporal, namespace, 'completes');
  await byHand.completeWorkflow();
  await startWorkflow(temporal, namespace, 'ended');
  await workflow.terminateWorkflowExecution({
    namespace,
    workflowExecution: { workflowId: 'ended' },
    reason: 'too late',
    identity: 'kai',
  });
  const list = await listed(({ total }) => total.failed === 2);
  expect(list.workflows).toMatchObject([
    { id: 'ended', kind: 'failed', status: 'Terminated', reason: 'terminated by kai: too late' },
    { id: 'fails', kind: 'failed', status: 'Failed', reason: 'CardDeclined: the card was declined' },
  ]);
  expect(list.workflows[0]?.ended).toMatch(/Z$/);
  const dayLater = new Date(Date.now() + 25 * 60 * 60 * 1000);
  expect(await listWorkflows(temporal, namespace, { now: dayLater })).toMatchObject({
    workflows: [],
    total: { running: 0, failed: 0 },
    cut: false,
  });
});

test('stuck ones come first, then failed, then running ones; a cut list is marked as such', async () => {
  await startWorkflow(temporal, namespace, 'fails');
  await byHand.failWorkflow(declined);
  await startWorkflow(temporal, namespace, 'runs');
  await byHand.schedule('charge');
  await startWorkflow(temporal, namespace, 'waits', { taskQueue: 'nobody' });
  await idle('orders');
  const list = await listed(({ workflows }) => workflows.length === 3);
  expect(list.workflows.map(({ id }) => id)).toEqual(['waits', 'fails', 'runs']);
  expect(list).toMatchObject({ total: { running: 2, failed: 1 }, cut: false });
  const cut = await listWorkflows(temporal, namespace, { limit: 1 });
  expect(cut.workflows.map(({ id }) => id)).toEqual(['waits', 'fails', 'runs']);
  expect(cut).toMatchObject({ total: { running: 2, failed: 1 }, cut: true });
});

test('of many workflows the longest-running are inspected, and all are listed', async () => {
  await startWorkflow(temporal, namespace, 'oldest');
  await byHand.schedule('charge');
  await byHand.failActivity(declined);
  await byHand.failActivity(declined);
  await idle('orders');
  const ids = Array.from({ length: 30 }, (_, index) => `order-${index}`);
  await Promise.all(ids.map((id) => startWorkflow(temporal, namespace, id)));
  const list = await listed(({ total }) => total.running === 31, 5);
  expect(list).toMatchObject({ total: { running: 31, failed: 0 }, cut: true });
  expect(list.workflows).toHaveLength(31);
  expect(list.workflows.filter(({ kind }) => kind === 'stuck').map(({ id }) => id)).toEqual(['oldest']);
  expect(await listWorkflows(temporal, namespace)).toMatchObject({ cut: false });
});

test('the oldest is found behind a thousand others, with its task queue', async () => {
  await startWorkflow(temporal, namespace, 'oldest', { taskQueue: 'forgotten' });
  await idle('orders');
  const ids = Array.from({ length: 1000 }, (_, index) => `order-${index}`);
  await concurrently(ids, 50, (id) => startWorkflow(temporal, namespace, id));
  const list = await listed(({ total }) => total.running === 1001, 1);
  expect(list.workflows).toHaveLength(1001);
  expect(list.workflows.filter(({ kind }) => kind === 'stuck').map(({ id }) => id)).toEqual(['oldest']);
  expect(await workers(temporal, namespace)).toMatchObject([
    { name: 'forgotten', running: 1, pollers: [] },
    { name: 'orders', running: 1000 },
  ]);
});

test('a history lists what failed and counts the rest', async () => {
  const { workflow } = temporal;
  await startWorkflow(temporal, namespace, 'order-1');
  await byHand.schedule('reserve');
  await byHand.completeActivity();
  await byHand.schedule('charge');
  await byHand.failActivity(failure('no connection'));
  await byHand.completeActivity();
  await byHand.failTask(24, 'does not match');
  await byHand.schedule('ship');
  await byHand.failActivity({ ...declined, applicationFailureInfo: { type: 'NoTruck', nonRetryable: true } });
  await workflow.signalWorkflowExecution({
    namespace,
    workflowExecution: { workflowId: 'order-1' },
    signalName: 'hurry',
  });
  await byHand.failWorkflow({ message: 'Activity task failed', cause: declined, activityFailureInfo: {} });
  const history = await workflowHistory(temporal, namespace, 'order-1');
  expect(history).toMatchObject({
    id: 'order-1',
    type: 'order',
    status: 'Failed',
    taskQueue: 'orders',
    startedBy: 'test',
    inputBytes: 0,
    cut: false,
    left: { activitiesCompleted: 1, signals: 1, timersFired: 0, childWorkflowsCompleted: 0 },
  });
  expect(history.entries).toMatchObject([
    {
      kind: 'activity recovered',
      name: 'charge',
      attempts: 2,
      summary: 'no connection',
    },
    {
      kind: 'workflow task failed',
      name: 'order',
      summary: 'NonDeterministicError',
      failure: { message: 'does not match', type: 'DeterminismViolation' },
    },
    {
      kind: 'activity failed',
      name: 'ship',
      attempts: 1,
      summary: 'NoTruck: the card was declined',
      failure: {
        message: 'the card was declined',
        stack: ['at charge (/app/worker/activities.js:12:9)', 'at two', 'at three'],
      },
    },
    {
      kind: 'end',
      name: 'order',
      summary: 'Failed: CardDeclined: the card was declined',
      failure: { message: 'Activity task failed', cause: { message: 'the card was declined' } },
    },
  ]);
});

test('a history lists pending retries, although the server has not recorded them', async () => {
  await startWorkflow(temporal, namespace, 'order-1');
  await byHand.failTask(14, 'cannot read properties of undefined');
  await byHand.failTask(14, 'cannot read properties of undefined');
  expect((await workflowHistory(temporal, namespace, 'order-1')).entries).toMatchObject([
    { kind: 'workflow task failed', attempts: 2, summary: 'WorkflowWorkerUnhandledFailure' },
  ]);
  await startWorkflow(temporal, namespace, 'order-2', { taskQueue: 'others' });
  const others = workerByHand(temporal, namespace, 'others');
  await others.schedule('charge');
  for (let attempt = 0; attempt < 3; attempt++) await others.failActivity(declined);
  expect(await workflowHistory(temporal, namespace, 'order-2')).toMatchObject({
    status: 'Running',
    entries: [{ kind: 'activity retries', name: 'charge', attempts: 3, failure: { type: 'CardDeclined' } }],
  });
});

test('the error for a missing workflow names it, and for a missing run too', async () => {
  await expect(workflowHistory(temporal, namespace, 'nothing')).rejects.toMatchObject({
    code: 'COPPICE_NO_WORKFLOW',
    message: `there is no workflow nothing in ${namespace}`,
  });
  await startWorkflow(temporal, namespace, 'order-1');
  await expect(workflowHistory(temporal, namespace, 'order-1', 'no uuid')).rejects.toMatchObject({
    code: 'COPPICE_NO_WORKFLOW',
  });
});

test('the history of an earlier run is found by its run id', async () => {
  await startWorkflow(temporal, namespace, 'order-1');
  await byHand.failWorkflow(declined);
  const first = await workflowHistory(temporal, namespace, 'order-1');
  await startWorkflow(temporal, namespace, 'order-1');
  await until(async () => (await workflowHistory(temporal, namespace, 'order-1')).runId !== first.runId);
  expect(await workflowHistory(temporal, namespace, 'order-1', first.runId)).toEqual(first);
});
