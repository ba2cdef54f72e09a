import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Kube } from '../../cluster/kube/client.ts';
import type { EnvironmentPlan } from '../../config/plan/plan.ts';
import { Annotation, Label, platformNamespace } from '../../core/labels.ts';
import { partFacts } from '../../core/part-facts.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { leaveTemporal } from '../../resources/temporal-namespace/contract.ts';
import { temporalNamespace } from '../../resources/temporal-namespace/handler.ts';
import { temporalInputs } from '../../resources/temporal-namespace/inputs.ts';
import { findNamespace } from '../../servers/temporal/namespaces/namespace.ts';
import { searchAttributes } from '../../servers/temporal/namespaces/search-attributes.ts';
import { withTemporal } from '../../servers/temporal/reach.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import { runningWorkflows } from '../../servers/temporal/workflows/workflows.ts';
import { eventually, get, wtOk } from '../e2e/harness.ts';
import { startWorkflow } from '../servers/temporal/harness.ts';
import { cluster, destroy, Engine, namespaceState, preview, up, Worktree } from './harness.ts';

let record: ClusterRecord;
let kube: Kube;
let engine: Engine;
const worktrees: Worktree[] = [];
const repository = '/src/parcel/.git';

beforeAll(async () => {
  ({ record, kube } = await cluster());
  if (process.env.COPPICE_TEST_FOLDER) await wtOk(['platform', 'up', '--with', 'temporal']);
  engine = new Engine();
});
afterEach(async () => {
  for (const worktree of worktrees.splice(0)) {
    const plan = worktree.plan(record, spec('{}'));
    await destroy(await engine.environment(plan, record));
    worktree.remove();
  }
});
afterAll(() => engine.remove());

const app = `
const { createServer } = require('node:http');
createServer((_, response) => response.end(process.env.TOLD)).listen(process.env.PORT);
`;
const services = `
  worker:
    { runtime: node, command: node server.js, port: 3000, primary: true, env: { TOLD: "\${temporal.namespace} at \${temporal.address}, TLS \${temporal.tls}" } }
  web: { runtime: node, command: node server.js, port: 3000, env: { TOLD: nothing } }`;
const spec = (temporal: string, of = services) => `
version: 1
name: parcel
services: ${of}
temporal: ${temporal}
`;
const withoutServices = (temporal: string) => spec(temporal, '{}');

function worktreeOf(branch: string, repositoryOf = repository): Worktree {
  const worktree = new Worktree(branch, { 'server.js': app }, repositoryOf);
  worktrees.push(worktree);
  return worktree;
}

async function upOf(worktree: Worktree, text = withoutServices('{}'), of = engine) {
  const plan = worktree.plan(record, text);
  return { plan, ...(await up(await of.environment(plan, record))) };
}

function onServer<T>(work: (temporal: Temporal) => Promise<T>): Promise<T> {
  const { temporal } = record;
  const server = { kind: 'platform' as const, ...(temporal && { port: temporal.port }) };
  return withTemporal(kube, { server }, AbortSignal.timeout(300_000), work, { patienceMs: 300_000 });
}

const name = ({ temporal }: EnvironmentPlan) => temporal?.namespace ?? '';
const found = (plan: EnvironmentPlan) => onServer((temporal) => findNamespace(temporal, name(plan)));
const attributes = (plan: EnvironmentPlan) => onServer((temporal) => searchAttributes(temporal, name(plan)));
const start = (plan: EnvironmentPlan, id: string) =>
  onServer((temporal) => startWorkflow(temporal, name(plan), id));
const deleteByHand = (namespace: string) =>
  onServer((temporal) => temporal.operator.deleteNamespace({ namespace }));
const register = (namespace: string) =>
  onServer((temporal) =>
    temporal.workflow.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 } as never,
    }),
  );

async function stateOf(plan: EnvironmentPlan): Promise<Record<string, unknown>> {
  const { deployment } = await (await engine.environment(plan, record)).exportStack();
  const resources = deployment.resources as { type: string; outputs: Record<string, unknown> }[];
  return resources.find(({ type }) => type === 'coppice:index:TemporalNamespace')?.outputs ?? {};
}

/** The pods of a service that are not ending, by uid, with their namespace. */
async function podsOf({ namespace }: EnvironmentPlan, service: string) {
  const labelSelector = `${Label.service}=${service}`;
  const { items } = await kube.core.listNamespacedPod({ namespace, labelSelector });
  return items
    .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
    .map(({ metadata }) => ({
      uid: metadata?.uid,
      temporal: metadata?.annotations?.[Annotation.temporalNamespaceId],
    }));
}

describe('a Temporal namespace', () => {
  test('comes with its retention and search attributes, usable at once, and is unchanged by a second up', async () => {
    const worktree = worktreeOf('feat/first');
    const text = withoutServices('{ retention: 7d, searchAttributes: { OrderId: Keyword, Total: Double } }');
    const first = await upOf(worktree, text);
    expect(first.errors).toEqual([]);
    await start(first.plan, 'order-1');
    expect(first.outputs.temporalNamespace?.value).toBe('wt-parcel--feat-first');
    const there = await found(first.plan);
    expect(there).toMatchObject({
      retentionSeconds: 7 * 86_400,
      mark: { app: 'parcel', environment: 'feat-first', repository, branch: 'feat/first' },
    });
    expect(await attributes(first.plan)).toEqual({ OrderId: 'Keyword', Total: 'Double' });
    expect(await stateOf(first.plan)).toMatchObject({ namespaceId: there?.id, created: true });

    const stack = await engine.environment(first.plan, record);
    expect(Object.keys((await up(stack)).changes)).toEqual(['same']);
    expect(Object.keys((await up(stack, { refresh: true })).changes)).toEqual(['same']);
    expect(await onServer((temporal) => runningWorkflows(temporal, name(first.plan)))).toBe(1);
  });

  test('is passed to the pods that refer to it', async () => {
    const { plan, errors } = await upOf(worktreeOf('feat/told'), spec('{}'));
    expect(errors).toEqual([]);
    const { body } = await get('feat-told.parcel.localhost', '/', record.http.port);
    expect(body).toBe('wt-parcel--feat-told at temporal.coppice.svc:7233, TLS false');
    const id = (await found(plan))?.id;
    expect((await podsOf(plan, 'worker')).map(({ temporal }) => temporal)).toEqual([id]);
    expect((await podsOf(plan, 'web')).map(({ temporal }) => temporal)).toEqual([undefined]);
  });

  test('gets another retention and other search attributes in place, and its pods stay', async () => {
    const worktree = worktreeOf('feat/change');
    const before = await upOf(worktree, spec('{ searchAttributes: { OrderId: Keyword, Old: Int } }'));
    const [id, pods] = [(await found(before.plan))?.id, await podsOf(before.plan, 'worker')];
    await onServer((temporal) =>
      temporal.operator.addSearchAttributes({
        namespace: name(before.plan),
        searchAttributes: { ByHand: 2 },
      }),
    );
    const after = await upOf(
      worktree,
      spec('{ retention: 2d, searchAttributes: { OrderId: Keyword, New: Bool } }'),
    );
    expect(after.errors).toEqual([]);
    expect(after.changes).toMatchObject({ update: expect.any(Number) });
    expect(await found(after.plan)).toMatchObject({ id, retentionSeconds: 2 * 86_400 });
    expect(await attributes(after.plan)).toEqual({ OrderId: 'Keyword', New: 'Bool', ByHand: 'Keyword' });
    expect(await podsOf(after.plan, 'worker')).toEqual(pods);
    expect(Object.keys((await up(await engine.environment(after.plan, record))).changes)).toEqual(['same']);
  });

  test('is adopted with its workflows when the state does not contain it', async () => {
    const worktree = worktreeOf('feat/adopt');
    const { plan } = await upOf(worktree);
    await start(plan, 'order-1');
    const id = (await found(plan))?.id;
    const forgetful = new Engine();
    try {
      expect((await upOf(worktree, undefined, forgetful)).errors).toEqual([]);
      expect((await found(plan))?.id).toBe(id);
      expect(await onServer((temporal) => runningWorkflows(temporal, name(plan)))).toBe(1);
    } finally {
      forgetful.remove();
    }
  });
});

describe('a manual change', () => {
  test('a deletion is shown by a preview and repaired by the next up, with new pods for the new namespace', async () => {
    const worktree = worktreeOf('feat/gone');
    const { plan } = await upOf(worktree, spec('{}'));
    const before = { id: (await found(plan))?.id, web: await podsOf(plan, 'web') };
    await deleteByHand(name(plan));
    const stack = await engine.environment(plan, record);
    expect(await preview(stack)).toMatchObject({ update: expect.any(Number) });
    expect(await preview(stack, { refresh: true })).toMatchObject({ create: 1 });
    expect(await found(plan)).toBeUndefined();

    expect((await up(stack)).errors).toEqual([]);
    await start(plan, 'order-1');
    const id = (await found(plan))?.id;
    expect(id).not.toBe(before.id);
    expect((await podsOf(plan, 'worker')).map(({ temporal }) => temporal)).toEqual([id]);
    expect(await podsOf(plan, 'web')).toEqual(before.web);
  });

  test('another retention and a missing search attribute are repaired, even after a refresh', async () => {
    const worktree = worktreeOf('feat/drift');
    const text = withoutServices('{ searchAttributes: { OrderId: Keyword } }');
    const { plan } = await upOf(worktree, text);
    const namespace = name(plan);
    for (const refresh of [false, true]) {
      await onServer(async ({ workflow, operator }) => {
        const config = { workflowExecutionRetentionTtl: { seconds: 3600 } as never };
        await workflow.updateNamespace({ namespace, config });
        await operator.removeSearchAttributes({ namespace, searchAttributes: ['OrderId'] });
      });
      const again = await up(await engine.environment(plan, record), { refresh });
      expect(again.errors).toEqual([]);
      expect(again.changes).toMatchObject({ update: 1 });
      expect(await found(plan)).toMatchObject({ retentionSeconds: 86_400 });
      expect(await attributes(plan)).toEqual({ OrderId: 'Keyword' });
    }
  });
});

describe('is refused, with nothing changed,', () => {
  test('a namespace that Coppice did not create', async () => {
    await register('wt-parcel--feat-foreign');
    try {
      const refused = await upOf(worktreeOf('feat/foreign'));
      expect(refused.succeeded).toBe(false);
      expect(refused.errors.join('\n')).toMatch(
        /Temporal namespace wt-parcel--feat-foreign exists but was not created for an environment[\s\S]*→ .*--as NAME/,
      );
      expect(await found(refused.plan)).toMatchObject({ deleting: false, mark: undefined });
      // Nor does a destroy of what was created beside it delete it.
      await destroy(await engine.environment(refused.plan, record));
      expect(await found(refused.plan)).toMatchObject({ deleting: false, mark: undefined });
    } finally {
      await deleteByHand('wt-parcel--feat-foreign');
    }
  });

  test('the namespace of another repository, with both names', async () => {
    const { plan, errors } = await upOf(worktreeOf('feat/taken'));
    expect(errors).toEqual([]);
    const stack = await engine.environment(plan, record);
    const whose = await found(plan);
    // As from a machine that shares the server but not the cluster.
    const other = temporalInputs(plan, record);
    if (!other) throw new Error('the plan has no Temporal namespace');
    const context = { signal: AbortSignal.timeout(300_000) };
    const claiming = temporalNamespace.create({ ...other, repository: '/src/fork/.git' }, context);
    await expect(claiming).rejects.toMatchObject({
      code: 'COPPICE_CLAIMED',
      message: expect.stringMatching(/\/src\/parcel\/\.git.*\/src\/fork\/\.git/),
    });
    expect(await found(plan)).toEqual(whose);
    expect((await destroy(stack)).errors).toEqual([]);
  });

  test('a search attribute that exists with another type', async () => {
    const worktree = worktreeOf('feat/type');
    const { plan } = await upOf(worktree, withoutServices('{ searchAttributes: { Total: Int } }'));
    const before = await found(plan);
    const refused = await upOf(
      worktree,
      withoutServices('{ retention: 2d, searchAttributes: { Total: Double, More: Bool } }'),
    );
    expect(refused.succeeded).toBe(false);
    expect(refused.errors.join('\n')).toMatch(/Total is Int there and Double in the spec/);
    expect(await found(plan)).toEqual(before);
    expect(await attributes(plan)).toEqual({ Total: 'Int' });
    expect((await upOf(worktree, withoutServices('{ searchAttributes: { Total: Int } }'))).errors).toEqual(
      [],
    );
  });
});

describe('a deletion', () => {
  test('succeeds with running workflows, may be repeated, and frees the name at once', async () => {
    const { plan } = await upOf(worktreeOf('feat/delete'));
    await Promise.all(['a', 'b', 'c'].map((id) => start(plan, id)));
    const before = await found(plan);
    const stack = await engine.environment(plan, record);
    expect((await destroy(stack)).errors).toEqual([]);
    expect(await found(plan)).toBeUndefined();
    expect((await destroy(stack)).errors).toEqual([]);

    expect((await up(stack)).errors).toEqual([]);
    // In the new one: no earlier workflow runs there, and a workflow that starts by name lands in it.
    expect((await found(plan))?.id).not.toBe(before?.id);
    await start(plan, 'a');
    const running = () => onServer((temporal) => runningWorkflows(temporal, name(plan)));
    expect(await eventually('the workflow is counted', async () => (await running()) || undefined)).toBe(1);
  });

  test('leaves a namespace whose workflows could not be counted, even if the server answers by then', async () => {
    const { plan } = await upOf(worktreeOf('feat/uncounted'));
    await start(plan, 'runs');
    const { id } = (await found(plan)) ?? {};
    const stack = await engine.environment(plan, record);
    stack.workspace.envVars = { ...stack.workspace.envVars, [leaveTemporal]: '1' };
    expect((await destroy(stack)).errors).toEqual([]);
    expect(await found(plan)).toMatchObject({ id, deleting: false });
    // The next up of the environment adopts it, with its workflows.
    expect((await upOf(worktreeOf('feat/uncounted'))).errors).toEqual([]);
    expect(await found(plan)).toMatchObject({ id });
  });

  test('of what was already deleted is no error', async () => {
    const { plan } = await upOf(worktreeOf('feat/deleted'));
    await deleteByHand(name(plan));
    expect((await destroy(await engine.environment(plan, record))).errors).toEqual([]);
  });

  test('from a spec deletes the namespace and keeps the environment', async () => {
    const worktree = worktreeOf('feat/without');
    const { plan } = await upOf(worktree);
    const done = await upOf(worktree, 'version: 1\nname: parcel\n');
    expect(done.errors).toEqual([]);
    expect(done.changes).toMatchObject({ delete: 1 });
    expect(await found(plan)).toBeUndefined();
    expect(await namespaceState(kube, plan.namespace)).toBe('Active');
  });

  test('fails on a cluster other than the one on which it was created, and deletes nothing', async () => {
    const { plan } = await upOf(worktreeOf('feat/elsewhere'));
    const inputs = temporalInputs(plan, record);
    if (!inputs) throw new Error('the plan has no Temporal namespace');
    const state = { ...inputs, cluster: 'another', namespaceId: '', created: true };
    const context = { signal: AbortSignal.timeout(300_000) };
    await expect(temporalNamespace.delete('', state, context)).rejects.toMatchObject({
      code: 'COPPICE_OTHER_CLUSTER',
    });
    expect(await temporalNamespace.read('', state, context)).toBeUndefined();
    expect(await found(plan)).toMatchObject({ deleting: false });
  });
});

describe('without a server', () => {
  const { service } = partFacts.temporal;
  const scale = (replicas: number) =>
    kube.apps.patchNamespacedDeploymentScale(
      { namespace: platformNamespace, name: service, body: { spec: { replicas } } },
      kube.mergePatch,
    );

  async function whileDown<T>(work: () => Promise<T>): Promise<T> {
    await scale(0);
    const labelSelector = `${Label.service}=${service}`;
    await eventually('the server is gone', async () => {
      const { items } = await kube.core.listNamespacedPod({ namespace: platformNamespace, labelSelector });
      return items.length === 0 || undefined;
    });
    try {
      return await work();
    } finally {
      await scale(1);
      await eventually('the server is back', async () => {
        const deployment = await kube.apps.readNamespacedDeployment({
          namespace: platformNamespace,
          name: service,
        });
        return deployment.status?.readyReplicas === 1 || undefined;
      });
    }
  }

  test('up fails with the reason, leaves nothing incomplete, and the next up converges', async () => {
    const worktree = worktreeOf('feat/down');
    const failed = await whileDown(() => upOf(worktree, spec('{}')));
    expect(failed.succeeded).toBe(false);
    expect(failed.errors.join('\n')).toMatch(/temporal: [\s\S]*Temporal at .* does not answer[\s\S]*→ /);
    expect(await found(failed.plan)).toBeUndefined();
    // What depends on it did not start without it.
    expect(await podsOf(failed.plan, 'worker')).toEqual([]);
    await eventually(
      'the pod of web',
      async () => (await podsOf(failed.plan, 'web')).length === 1 || undefined,
    );
    expect((await upOf(worktree, spec('{}'))).errors).toEqual([]);
    await start(failed.plan, 'order-1');
  });

  test("the environment is deleted all the same, and what stays on the server has its owner's mark", async () => {
    const worktree = worktreeOf('feat/late');
    const { plan } = await upOf(worktree);
    const before = await found(plan);
    const stack = await engine.environment(plan, record);
    const gone = await whileDown(async () => {
      // Like plain pulumi with `refresh: always`, which reads the actual state first.
      await stack.refresh();
      return destroy(stack);
    });
    expect(gone.errors).toEqual([]);
    expect(await namespaceState(kube, plan.namespace)).not.toBe('Active');
    expect(await found(plan)).toEqual(before);
    expect(before?.mark).toMatchObject({ app: 'parcel', environment: 'feat-late', branch: 'feat/late' });
    // The next up of the same branch adopts it; here there is none.
    await deleteByHand(name(plan));
  });

  test('on a platform that never had one, up names the command to run', async () => {
    const { metadata, spec: of } = await kube.core.readNamespacedService({
      namespace: platformNamespace,
      name: service,
    });
    await kube.core.deleteNamespacedService({ namespace: platformNamespace, name: service });
    try {
      const failed = await upOf(worktreeOf('feat/never'));
      expect(failed.succeeded).toBe(false);
      expect(failed.errors.join('\n')).toMatch(
        /the platform of this cluster has no Temporal[\s\S]*wt platform up/,
      );
      expect((await destroy(await engine.environment(failed.plan, record))).errors).toEqual([]);
    } finally {
      const { labels, annotations } = metadata ?? {};
      const again = { name: service, ...(labels && { labels }), ...(annotations && { annotations }) };
      await kube.core.createNamespacedService({
        namespace: platformNamespace,
        body: { metadata: again, ...(of && { spec: of }) },
      });
    }
  });
});
