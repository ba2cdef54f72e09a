import { expect } from 'vitest';
import { namespaceStatus } from '../../../app/workflows/observe.ts';
import { ensureNamespace } from '../../../servers/temporal/namespaces/ensure.ts';
import { signal, temporal, test } from './fixture.ts';
import { startWorkflow, testRequest, until, watched } from './harness.ts';

test('the status of a namespace takes one query for running, one for failed and one for recent workflows', async () => {
  const request = testRequest('looked-at');
  await ensureNamespace(temporal, request, signal);
  await startWorkflow(temporal, request.name, 'waits');
  const calls: string[] = [];
  const observed = watched(temporal, (method) => void calls.push(method));
  await until(async () => {
    calls.length = 0;
    const seen = await namespaceStatus(observed, request.name);
    return seen.kind === 'seen' && seen.list.total.running === 1;
  });
  expect(calls.filter((method) => method === 'listWorkflowExecutions')).toHaveLength(3);
  expect(await namespaceStatus(temporal, request.name)).toMatchObject({
    kind: 'seen',
    namespace: request.name,
    list: { workflows: [{ id: 'waits', kind: 'stuck' }] },
    queues: [{ name: 'orders', running: 1, pollers: [] }],
  });
});
