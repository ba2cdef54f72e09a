import { expect } from 'vitest';
import { duration } from '../../../servers/temporal/connection/times.ts';
import { deleteNamespace } from '../../../servers/temporal/namespaces/delete.ts';
import { ensureNamespace } from '../../../servers/temporal/namespaces/ensure.ts';
import { inventory } from '../../../servers/temporal/namespaces/inventory.ts';
import { signal, temporal, test } from './fixture.ts';
import { startWorkflow, testOwner, testRequest, until } from './harness.ts';

test('the inventory has our namespaces with their owners, and no others', async () => {
  expect(await inventory(temporal)).toEqual({ namespaces: [], deleting: [] });
  await temporal.workflow.registerNamespace({
    namespace: 'wt-of-mine',
    workflowExecutionRetentionPeriod: duration(86_400),
  });
  const { id } = await ensureNamespace(temporal, testRequest('one'), signal);
  const other = await ensureNamespace(temporal, testRequest('feat-deleted-users'), signal);
  expect(await inventory(temporal)).toEqual({
    namespaces: [
      {
        name: 'wt-shop--feat-deleted-users',
        id: other.id,
        mark: expect.objectContaining(testOwner('feat-deleted-users')),
      },
      { name: 'wt-shop--one', id, mark: expect.objectContaining(testOwner('one')) },
    ],
    deleting: [],
  });
});

test('a deleted namespace is reported with its age until Temporal has removed it', async () => {
  const request = testRequest('big');
  const { id } = await ensureNamespace(temporal, request, signal);
  await startWorkflow(temporal, request.name, 'runs');
  const before = new Date(Date.now() - 1000).toISOString();
  await deleteNamespace(temporal, request);
  const seen = new Set<string>();
  await until(async () => {
    const { namespaces, deleting } = await inventory(temporal);
    expect(namespaces.map(({ name }) => name)).not.toContain(request.name);
    const mine = deleting.find((one) => one.id === id);
    if (mine) {
      expect(mine.name).toMatch(/^wt-shop--big-deleted-[0-9a-f]{5}$/);
      if (mine.deletedAt !== undefined) seen.add(mine.deletedAt);
    }
    return !mine && seen.size > 0;
  });
  const [deletedAt = '', ...others] = seen;
  expect(others).toEqual([]);
  expect(deletedAt >= before && deletedAt <= new Date(Date.now() + 1000).toISOString()).toBe(true);
});
