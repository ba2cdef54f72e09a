import { expect } from 'vitest';
import { deleteNamespace } from '../../../servers/temporal/namespaces/delete.ts';
import { ensureNamespace } from '../../../servers/temporal/namespaces/ensure.ts';
import { findNamespace } from '../../../servers/temporal/namespaces/namespace.ts';
import { searchAttributes } from '../../../servers/temporal/namespaces/search-attributes.ts';
import { namespaceState } from '../../../servers/temporal/namespaces/state.ts';
import { server, signal, temporal, test } from './fixture.ts';
import { startWorkflow, testOwner, testRequest, watched } from './harness.ts';

/** Namespaces by name as the server lists them, without its own and those that it is deleting. */
async function present(): Promise<string[]> {
  const { namespaces } = await temporal.workflow.listNamespaces({ pageSize: 1000 });
  return namespaces
    .filter(({ namespaceInfo }) => namespaceInfo?.state !== 3)
    .map(({ namespaceInfo }) => namespaceInfo?.name ?? '')
    .filter((name) => name.startsWith('wt-'));
}

test('when one owner creates a namespace twice at once, one call creates it and the other adopts it', async () => {
  for (let round = 0; round < 5; round++) {
    const request = testRequest(`both-${round}`, { searchAttributes: { OrderId: 'Keyword', Total: 'Int' } });
    const other = await server.connect();
    const both = await Promise.all([temporal, other].map((one) => ensureNamespace(one, request, signal)));
    other.close();
    expect(both.map(({ created }) => created).sort()).toEqual([false, true]);
    expect(both[0]?.id).toBe(both[1]?.id);
    expect(await namespaceState(temporal, request)).toMatchObject({ kind: 'ours', sound: true });
    await deleteNamespace(temporal, request);
  }
});

test('when two owners create one namespace at once, one gets it and the other is refused', async () => {
  const request = testRequest('disputed');
  const owner = { ...testOwner('disputed'), branch: 'feat/disputed' };
  const both = await Promise.allSettled([
    ensureNamespace(temporal, request, signal),
    ensureNamespace(temporal, { ...request, owner }, signal),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'COPPICE_CLAIMED' },
  });
  await Promise.all(
    [request.owner, owner].map((one) => deleteNamespace(temporal, { ...request, owner: one })),
  );
});

test('one that is registered just before ours is adopted', async () => {
  const request = testRequest('overtaken');
  let id: string | undefined;
  const overtaken = watched(temporal, async (method) => {
    if (method === 'registerNamespace' && id === undefined) {
      id = (await ensureNamespace(temporal, request, signal)).id;
    }
  });
  expect(await ensureNamespace(overtaken, request, signal)).toEqual({ id, created: false });
  await deleteNamespace(temporal, request);
});

test('a namespace that is being deleted is waited for, and recreated', async () => {
  for (let round = 0; round < 5; round++) {
    const request = testRequest('deleting');
    const before = await ensureNamespace(temporal, request, signal);
    const deletion = deleteNamespace(temporal, request);
    // Polled all the time, so that it is also seen between the deletion and the renaming.
    let found = await findNamespace(temporal, request.name);
    while (found && !found.deleting) found = await findNamespace(temporal, request.name);
    const after = await ensureNamespace(temporal, request, signal);
    expect(await deletion).toBe(true);
    expect(after.created).toBe(true);
    expect(after.id).not.toBe(before.id);
    await startWorkflow(temporal, request.name, 'lands');
    await deleteNamespace(temporal, request);
  }
});

test('ten namespaces are repeatedly created and deleted at once, and none is left', async () => {
  const requests = Array.from({ length: 10 }, (_, index) =>
    testRequest(`ten-${index}`, { searchAttributes: { OrderId: 'Keyword' } }),
  );
  const ids = new Set<string>();
  for (let round = 0; round < 3; round++) {
    const made = await Promise.all(requests.map((one) => ensureNamespace(temporal, one, signal)));
    expect(made.every(({ created }) => created)).toBe(true);
    for (const { id } of made) ids.add(id);
    await Promise.all(
      requests.map(async ({ name }) => {
        expect(await searchAttributes(temporal, name)).toEqual({ OrderId: 'Keyword' });
        await startWorkflow(temporal, name, 'runs', { searchAttributes: { OrderId: 'a' } });
      }),
    );
    const gone = await Promise.all(requests.map((one) => deleteNamespace(temporal, one)));
    expect(gone).toEqual(requests.map(() => true));
    expect(await present()).toEqual([]);
  }
  expect(ids.size).toBe(30);
});
