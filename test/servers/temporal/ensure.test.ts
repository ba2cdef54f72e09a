import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, vi } from 'vitest';
import type { SearchAttributes } from '../../../config/spec/search-attributes.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { pause } from '../../../core/pause.ts';
import { recordMove } from '../../../core/state/moved-repositories.ts';
import { callError, status } from '../../../servers/temporal/connection/grpc-error.ts';
import { duration } from '../../../servers/temporal/connection/times.ts';
import { deleteNamespace } from '../../../servers/temporal/namespaces/delete.ts';
import { ensureNamespace } from '../../../servers/temporal/namespaces/ensure.ts';
import { findNamespace } from '../../../servers/temporal/namespaces/namespace.ts';
import { searchAttributes } from '../../../servers/temporal/namespaces/search-attributes.ts';
import { namespaceState } from '../../../servers/temporal/namespaces/state.ts';
import type { NamespaceRequest, Temporal } from '../../../servers/temporal/types.ts';
import { server, signal, temporal, test } from './fixture.ts';
import { served, startWorkflow, testOwner, testRequest, until } from './harness.ts';

vi.mock('../../../core/pause.ts', async (original) => {
  const real = await original<typeof import('../../../core/pause.ts')>();
  return { ...real, pause: vi.fn(real.pause) };
});

let tests = 0;
let environment: string;
let request: NamespaceRequest;
beforeEach(() => {
  tests += 1;
  environment = `feat-${tests}`;
  request = testRequest(environment);
});

const ensure = (change: Partial<NamespaceRequest> = {}) =>
  ensureNamespace(temporal, { ...request, ...change }, signal);
const state = (change: Partial<NamespaceRequest> = {}) => namespaceState(temporal, { ...request, ...change });

/** The actual namespace of a workflow: the token of its task begins with the namespace id. */
async function homeOf(namespace: string, workflowId: string): Promise<string> {
  const { taskToken, workflowExecution } = await temporal.workflow.pollWorkflowTaskQueue({
    namespace,
    taskQueue: { name: workflowId },
    identity: 'test',
  });
  expect(workflowExecution?.workflowId).toBe(workflowId);
  return Buffer.from(taskToken.slice(2, 2 + 36)).toString();
}

/** Starts a workflow in a task queue of its own. */
async function startedIn(namespace: string, workflowId: string): Promise<string> {
  await startWorkflow(temporal, namespace, workflowId, { taskQueue: workflowId });
  return served(() => homeOf(namespace, workflowId));
}

test('a namespace is created with its mark, its retention and its search attributes', async () => {
  const wanted: SearchAttributes = { OrderId: 'Keyword', Total: 'Double', Tags: 'KeywordList' };
  expect(await state()).toEqual({ kind: 'absent' });
  const { id, created } = await ensure({ searchAttributes: wanted, retentionSeconds: 3600 });
  expect(created).toBe(true);
  expect(await findNamespace(temporal, request.name)).toMatchObject({
    id,
    name: request.name,
    deleting: false,
    retentionSeconds: 3600,
    mark: { ...testOwner(environment), created: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) },
  });
  expect(await searchAttributes(temporal, request.name)).toEqual(wanted);
  expect(await state({ searchAttributes: wanted, retentionSeconds: 3600 })).toEqual({
    kind: 'ours',
    id,
    sound: true,
  });
});

test('all seven types of search attributes are available', async () => {
  const wanted: SearchAttributes = {
    A: 'Text',
    B: 'Keyword',
    C: 'Int',
    D: 'Double',
    E: 'Bool',
    F: 'Datetime',
    G: 'KeywordList',
  };
  await ensure({ searchAttributes: wanted });
  expect(await searchAttributes(temporal, request.name)).toEqual(wanted);
});

test('our namespace is adopted, with its workflows', async () => {
  const { id } = await ensure();
  await startWorkflow(temporal, request.name, 'stays', { taskQueue: 'stays' });
  expect(await ensure()).toEqual({ id, created: false });
  expect(await served(() => homeOf(request.name, 'stays'))).toBe(id);
});

test('the name of a recreated namespace refers to the new one at once', async () => {
  const ids: string[] = [];
  for (let round = 0; round < 20; round++) {
    const { id, created } = await ensure();
    expect(created).toBe(true);
    ids.push(id);
    expect(await startedIn(request.name, `round-${round}`)).toBe(id);
    expect(await deleteNamespace(temporal, request)).toBe(true);
  }
  expect(new Set(ids).size).toBe(20);
});

test('a worker of the deleted namespace that keeps polling does not block the name', async () => {
  await ensure();
  const polling = new AbortController();
  const poll = async () => {
    const worker = await server.connect(polling.signal);
    while (!polling.signal.aborted) {
      await worker.workflow
        .pollWorkflowTaskQueue({ namespace: request.name, taskQueue: { name: 'orders' }, identity: 'old' })
        .catch(() => undefined);
    }
    worker.close();
  };
  const polls = [poll(), poll()];
  await deleteNamespace(temporal, request);
  const { id } = await ensure();
  expect(await startedIn(request.name, 'new')).toBe(id);
  polling.abort();
  await Promise.all(polls);
});

test('a namespace whose name was requested before it existed is usable at once', async () => {
  await expect(homeOf(request.name, 'early')).rejects.toMatchObject({ code: 'COPPICE_TEMPORAL' });
  const { id } = await ensure();
  expect(await startedIn(request.name, 'early')).toBe(id);
});

test('a namespace that was deleted by hand is recreated', async () => {
  const before = await ensure();
  await temporal.operator.deleteNamespace({ namespaceId: before.id });
  expect(await state()).toEqual({ kind: 'absent' });
  const after = await ensure();
  expect(after.created).toBe(true);
  expect(after.id).not.toBe(before.id);
});

test("another environment's is refused, with both names", async () => {
  await ensure();
  const branch = 'feat/other';
  const other = { owner: { ...testOwner(environment), branch } };
  expect(await state(other)).toMatchObject({ kind: 'another', owner: testOwner(environment) });
  await expect(ensure({ ...other, retentionSeconds: 7200 })).rejects.toMatchObject({
    code: 'COPPICE_CLAIMED',
    message:
      `Temporal namespace ${request.name} belongs to branch ${environment} of /repositories/shop/.git, ` +
      'but branch feat/other of /repositories/shop/.git asks for it',
    hint: expect.stringContaining('--as NAME'),
  });
  expect(await state()).toMatchObject({ kind: 'ours', sound: true });
});

test.each(['app', 'environment', 'repository', 'branch'] as const)(
  'another %s is another owner',
  async (field) => {
    await ensure();
    const owner = { ...testOwner(environment), [field]: 'other' };
    expect(await state({ owner })).toMatchObject({ kind: 'another' });
    expect(await deleteNamespace(temporal, { name: request.name, owner })).toBe(false);
  },
);

test('one that was not created for an environment is refused, and not changed', async () => {
  const { name } = request;
  await temporal.workflow.registerNamespace({
    namespace: name,
    data: { team: 'payments' },
    workflowExecutionRetentionPeriod: duration(7200),
  });
  expect(await state()).toEqual({ kind: 'foreign' });
  await expect(ensure()).rejects.toMatchObject({
    code: 'COPPICE_CLAIMED',
    message: `Temporal namespace ${name} exists but was not created for an environment`,
  });
  expect(await deleteNamespace(temporal, request)).toBe(false);
  expect(await findNamespace(temporal, name)).toMatchObject({ mark: undefined, retentionSeconds: 7200 });
});

test.each(['default', 'temporal-system'])('%s is neither created, changed nor deleted', async (name) => {
  const before = await temporal.workflow.describeNamespace({ namespace: name });
  await expect(ensure({ name })).rejects.toMatchObject({ code: 'COPPICE_TEMPORAL_PROTECTED' });
  const deleting = deleteNamespace(temporal, { name, owner: testOwner(environment) });
  await expect(deleting).rejects.toMatchObject({ code: 'COPPICE_TEMPORAL_PROTECTED' });
  expect(await temporal.workflow.describeNamespace({ namespace: name })).toEqual(before);
});

test('retention changes in place', async () => {
  const { id } = await ensure();
  expect(await state({ retentionSeconds: 7200 })).toEqual({ kind: 'ours', id, sound: false });
  await ensure({ retentionSeconds: 7200 });
  expect(await findNamespace(temporal, request.name)).toMatchObject({ id, retentionSeconds: 7200 });
  expect(await state({ retentionSeconds: 7200 })).toMatchObject({ sound: true });
});

test('a moved worktree is the same owner, and the mark has its new path', async () => {
  const { id } = await ensure();
  const owner = { ...testOwner(environment), worktree: '/worktrees/moved' };
  expect(await state({ owner })).toEqual({ kind: 'ours', id, sound: false });
  const before = await findNamespace(temporal, request.name);
  await ensure({ owner });
  const after = await findNamespace(temporal, request.name);
  expect(after?.mark).toEqual({ ...before?.mark, worktree: '/worktrees/moved' });
  expect(await state({ owner })).toMatchObject({ sound: true });
});

test('a repository that was moved adopts the namespace of its old path', async () => {
  const { id } = await ensure();
  const owner = { ...testOwner(environment), repository: '/repositories/moved/.git' };
  const data = mkdtempSync(join(tmpdir(), 'coppice-moved-'));
  vi.stubEnv('XDG_DATA_HOME', data);
  try {
    expect(await state({ owner })).toMatchObject({ kind: 'another' });
    await recordMove(testOwner(environment).repository, owner.repository);
    expect(await ensure({ owner })).toEqual({ id, created: false });
    expect((await findNamespace(temporal, request.name))?.mark).toMatchObject({
      repository: owner.repository,
    });
  } finally {
    vi.unstubAllEnvs();
    rmSync(data, { recursive: true });
  }
});

test('an added search attribute can be used at once', async () => {
  const { id } = await ensure({ searchAttributes: { First: 'Keyword' } });
  await startWorkflow(temporal, request.name, 'one', { searchAttributes: { First: 'a' } });
  for (const [index, name] of ['Second', 'Third', 'Fourth', 'Fifth'].entries()) {
    const added = { searchAttributes: { First: 'Keyword', [name]: 'Keyword' } as const };
    expect(await state(added)).toEqual({ kind: 'ours', id, sound: false });
    expect(await ensure(added)).toEqual({ id, created: false });
    await startWorkflow(temporal, request.name, `more-${index}`, { searchAttributes: { [name]: 'b' } });
    const query = `${name} = 'b'`;
    const found = () => temporal.workflow.countWorkflowExecutions({ namespace: request.name, query });
    await until(async () => Number((await found()).count) === 1);
  }
});

test('search attributes of a new namespace can be used at once', async () => {
  const wanted: SearchAttributes = { OrderId: 'Keyword' };
  for (let round = 0; round < 5; round++) {
    await ensure({ searchAttributes: wanted });
    await startWorkflow(temporal, request.name, 'one', { searchAttributes: { OrderId: 'a' } });
    await deleteNamespace(temporal, request);
  }
});

test('a request for a new namespace that the server does not see yet is retried, with a pause', async () => {
  let refused = 0;
  vi.mocked(pause).mockClear();
  const shortSighted = (sighted: Temporal): Temporal => ({
    ...sighted,
    under: (other) => shortSighted(sighted.under(other)),
    operator: Object.assign(Object.create(sighted.operator), {
      addSearchAttributes: async (asked: { namespace: string; searchAttributes: Record<string, number> }) => {
        refused += 1;
        const reason = `Unable to save search attributes: Namespace ${asked.namespace} is not found..`;
        if (refused <= 3) throw new CoppiceError('COPPICE_TEMPORAL_UNREACHABLE', reason);
        return sighted.operator.addSearchAttributes(asked);
      },
    }),
  });
  const wanted: SearchAttributes = { OrderId: 'Keyword' };
  await ensureNamespace(shortSighted(temporal), { ...request, searchAttributes: wanted }, signal);
  expect(refused).toBe(4);
  expect(vi.mocked(pause).mock.calls.length).toBeGreaterThanOrEqual(3);
  expect(await searchAttributes(temporal, request.name)).toEqual(wanted);
});

test('a new namespace that the server forgets while it gets search attributes is made usable again', async () => {
  const answered: boolean[] = [];
  let added = false;
  const forgetful = (open: Temporal): Temporal => ({
    ...open,
    under: (other) => forgetful(open.under(other)),
    workflow: Object.assign(Object.create(open.workflow), {
      respondActivityTaskFailed: async (asked: { readonly namespace?: string }) => {
        if (asked.namespace === undefined || !added) return open.workflow.respondActivityTaskFailed(asked);
        answered.push(answered.length > 0);
        if (answered.length > 1) return open.workflow.respondActivityTaskFailed(asked);
        const absent = { code: status.notFound, details: `Namespace ${asked.namespace} is not found.` };
        throw callError(server.frontend, 'RespondActivityTaskFailed', absent);
      },
    }),
    operator: Object.assign(Object.create(open.operator), {
      addSearchAttributes: async (asked: object) => {
        added = true;
        return open.operator.addSearchAttributes(asked);
      },
    }),
  });
  await ensureNamespace(
    forgetful(temporal),
    { ...request, searchAttributes: { OrderId: 'Keyword' } },
    signal,
  );
  expect(answered.slice(0, 2)).toEqual([false, true]);
});

test('on a server that denies calls without a namespace, the name is polled until it is known (a denial of our own)', async () => {
  let denied = 0;
  const strict = (open: Temporal): Temporal => ({
    ...open,
    under: (other) => strict(open.under(other)),
    workflow: Object.assign(Object.create(open.workflow), {
      respondActivityTaskFailed: async (asked: { readonly namespace?: string }) => {
        if (asked.namespace !== undefined) return open.workflow.respondActivityTaskFailed(asked);
        denied += 1;
        const denial = { code: status.permissionDenied, details: 'Request unauthorized.' };
        throw callError(server.frontend, 'RespondActivityTaskFailed', denial);
      },
    }),
  });
  await ensure();
  await deleteNamespace(temporal, request);
  await ensureNamespace(strict(temporal), request, signal);
  expect(denied).toBeGreaterThan(0);
  await startWorkflow(temporal, request.name, 'lands');
});

test('search attributes may have the names of properties of every object', async () => {
  const wanted = Object.fromEntries([['constructor', 'Keyword'] as const, ['toString', 'Int'] as const]);
  await ensure({ searchAttributes: wanted });
  expect(await searchAttributes(temporal, request.name)).toEqual(wanted);
  await ensure({ retired: ['constructor', 'toString', 'valueOf'] });
  expect(await searchAttributes(temporal, request.name)).toEqual({});
});

test('a search attribute of another type is refused before anything changes', async () => {
  const { name } = request;
  await ensure({ searchAttributes: { OrderId: 'Keyword', Old: 'Int' } });
  const wanted: SearchAttributes = { OrderId: 'Int', New: 'Bool' };
  const change = { searchAttributes: wanted, retired: ['Old'], retentionSeconds: 7200 };
  expect(await state(change)).toMatchObject({ kind: 'ours', sound: false });
  await expect(ensure(change)).rejects.toMatchObject({
    code: 'COPPICE_SEARCH_ATTRIBUTE',
    message:
      `search attributes of Temporal namespace ${name} cannot change their type: ` +
      'OrderId is Keyword there and Int in the spec',
  });
  expect(await searchAttributes(temporal, name)).toEqual({ OrderId: 'Keyword', Old: 'Int' });
  expect(await findNamespace(temporal, name)).toMatchObject({ retentionSeconds: 86_400 });
  await expect(ensure(change)).rejects.toMatchObject({
    hint: expect.stringContaining(`\`wt down ${environment} --force\`, then the same again`),
  });
  // What the hinted commands do with the namespace, whose workflows run.
  await startWorkflow(temporal, name, 'runs');
  await deleteNamespace(temporal, request);
  await ensure(change);
  expect(await searchAttributes(temporal, name)).toEqual(wanted);
});

test('a search attribute that the spec no longer has is removed, and those that others added stay', async () => {
  const { name } = request;
  await ensure({ searchAttributes: { OrderId: 'Keyword', Old: 'Int' } });
  await temporal.operator.addSearchAttributes({ namespace: name, searchAttributes: { ByHand: 2 } });
  const change = { searchAttributes: { OrderId: 'Keyword' } as const, retired: ['Old', 'OrderId', 'Never'] };
  expect(await state(change)).toMatchObject({ sound: false });
  await ensure(change);
  expect(await searchAttributes(temporal, name)).toEqual({ OrderId: 'Keyword', ByHand: 'Keyword' });
  expect(await state(change)).toMatchObject({ sound: true });
});

test('a removed search attribute makes room for another of its type', async () => {
  const three = (prefix: string): SearchAttributes => ({
    [`${prefix}1`]: 'Int',
    [`${prefix}2`]: 'Int',
    [`${prefix}3`]: 'Int',
  });
  await ensure({ searchAttributes: three('A') });
  await ensure({ searchAttributes: three('B'), retired: Object.keys(three('A')) });
  expect(await searchAttributes(temporal, request.name)).toEqual(three('B'));
});

test("more search attributes than the limit are refused in the server's words, and a new namespace is rolled back", async () => {
  const wanted = Object.fromEntries(['A', 'B', 'C', 'D'].map((name) => [name, 'Int'] as const));
  await expect(ensure({ searchAttributes: wanted })).rejects.toMatchObject({
    code: 'COPPICE_TEMPORAL',
    message: expect.stringMatching(/refuses AddSearchAttributes: .*Int/),
  });
  expect(await state()).toEqual({ kind: 'absent' });
  await ensure();
  await expect(ensure({ searchAttributes: wanted })).rejects.toMatchObject({ code: 'COPPICE_TEMPORAL' });
  expect(await state()).toMatchObject({ kind: 'ours' });
});

test('delete reports whether there was one of ours, and may be repeated', async () => {
  await ensure();
  await startWorkflow(temporal, request.name, 'runs');
  expect(await deleteNamespace(temporal, request)).toBe(true);
  expect(await deleteNamespace(temporal, request)).toBe(false);
  expect(await state()).toEqual({ kind: 'absent' });
});

test('of two namespaces that had the same name in turn, delete by id removes only the given one', async () => {
  const request = testRequest('reused');
  const { name, owner } = request;
  const { id } = await ensureNamespace(temporal, request, signal);
  await deleteNamespace(temporal, request);
  const recreated = await ensureNamespace(temporal, request, signal);
  expect(await deleteNamespace(temporal, { name, owner, id })).toBe(false);
  expect(await findNamespace(temporal, name)).toMatchObject({ id: recreated.id, deleting: false });
  expect(await deleteNamespace(temporal, { name, owner, id: recreated.id })).toBe(true);
  expect(await deleteNamespace(temporal, { name, owner, id: recreated.id })).toBe(false);
});
