import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Kube } from '../../cluster/kube/client.ts';
import { readSecret } from '../../cluster/kube/environment-secret.ts';
import type { EnvironmentPlan } from '../../config/plan/plan.ts';
import type { ManagedTemporalSettings } from '../../config/settings/temporal.ts';
import { Label } from '../../core/labels.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { findNamespace } from '../../servers/temporal/namespaces/namespace.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import { environmentProgram } from '../../stacks/environment.ts';
import { get } from '../e2e/harness.ts';
import { startTestServer, startWorkflow, type TestServer } from '../servers/temporal/harness.ts';
import { cluster, destroy, Engine, type Ran, up, Worktree } from './harness.ts';

/** A managed server: beside the platform, on this machine only. Pods get its address and do not reach it. */
let server: TestServer;
let temporal: Temporal;
let record: ClusterRecord;
let kube: Kube;
let engine: Engine;
let worktree: Worktree;
let plan: EnvironmentPlan;

const inPods = 'temporal.example.com:7233';
const app = `
const { createServer } = require('node:http');
createServer((_, response) => response.end(process.env.TOLD)).listen(process.env.PORT);
`;
const spec = `
version: 1
name: letters
services:
  worker: { runtime: node, command: node server.js, port: 3000, env: { TOLD: "\${temporal.namespace} at \${temporal.address}, TLS \${temporal.tls}" } }
temporal: { server: managed, searchAttributes: { OrderId: Keyword } }
`;

const managed = (change: Partial<ManagedTemporalSettings> = {}): ManagedTemporalSettings => ({
  address: server.frontend.address,
  cluster: inPods,
  namespaces: 'create',
  namespace: 'team-{app}-{slug}',
  ...change,
});
const stackOf = (settings: ManagedTemporalSettings | undefined) =>
  engine.stack(plan.app, plan.slug, environmentProgram({ plan, record, managedTemporal: settings }));
const upWith = async (settings?: ManagedTemporalSettings): Promise<Ran> => up(await stackOf(settings));
const found = () => findNamespace(temporal, 'team-letters-feat-one');
const told = () => readSecret(kube, { namespace: plan.namespace, name: 'temporal' });

beforeAll(async () => {
  ({ record, kube } = await cluster());
  server = await startTestServer();
  temporal = await server.connect();
  engine = new Engine();
});
beforeEach(() => {
  worktree = new Worktree('feat/one', { 'server.js': app });
  plan = worktree.plan(record, spec);
});
afterEach(async () => {
  await destroy(await stackOf(managed()));
  worktree.remove();
});
afterAll(async () => {
  engine?.remove();
  temporal?.close();
  await server?.remove();
});

test('an environment has its namespace on a managed server, and its pods get its address from a Secret', async () => {
  const first = await upWith(managed());
  expect(first.errors).toEqual([]);
  await startWorkflow(temporal, 'team-letters-feat-one', 'letter-1');
  expect(await found()).toMatchObject({ mark: { app: 'letters', branch: 'feat/one' } });
  expect(await told()).toEqual({
    address: inPods,
    namespace: 'team-letters-feat-one',
    tls: 'false',
    apiKey: '',
    clientCert: '',
    clientKey: '',
    serverCa: '',
  });
  const { body } = await get('feat-one.letters.localhost', '/', record.http.port);
  expect(body).toBe(`team-letters-feat-one at ${inPods}, TLS false`);
  expect(Object.keys((await upWith(managed())).changes)).toEqual(['same']);

  expect((await destroy(await stackOf(managed()))).errors).toEqual([]);
  expect(await found()).toBeUndefined();
});

test('pods with outdated values are restarted, even after the Secret was changed by hand', async () => {
  expect((await upWith(managed())).errors).toEqual([]);
  await kube.core.deleteNamespacedSecret({ namespace: plan.namespace, name: 'temporal' });
  expect((await upWith(managed())).errors).toEqual([]);
  expect(await told()).toMatchObject({ address: inPods });
  expect((await upWith(managed({ cluster: 'elsewhere.example.com:7233' }))).errors).toEqual([]);
  expect(await told()).toMatchObject({ address: 'elsewhere.example.com:7233' });
  const labelSelector = `${Label.service}=worker`;
  const { items } = await kube.core.listNamespacedPod({ namespace: plan.namespace, labelSelector });
  expect(items.filter(({ metadata }) => !metadata?.deletionTimestamp)).toHaveLength(1);
  const { body } = await get('feat-one.letters.localhost', '/', record.http.port);
  expect(body).toContain('elsewhere.example.com');
});

test('a namespace that others create is checked, and left where it is', async () => {
  const settings = managed({ namespaces: 'existing' });
  const missing = await upWith(settings);
  expect(missing.succeeded).toBe(false);
  expect(missing.errors.join('\n')).toMatch(/there is no namespace team-letters-feat-one[\s\S]*→ /);

  await temporal.workflow.registerNamespace({
    namespace: 'team-letters-feat-one',
    workflowExecutionRetentionPeriod: { seconds: 86_400 } as never,
  });
  expect((await upWith(settings)).errors).toEqual([]);
  expect(Object.keys((await upWith(settings)).changes)).toEqual(['same']);
  expect((await destroy(await stackOf(settings))).errors).toEqual([]);
  expect(await found()).toMatchObject({ deleting: false, mark: undefined });
  await temporal.operator.deleteNamespace({ namespace: 'team-letters-feat-one' });
});

test('a namespace of ours that others have taken over is left where it is, too', async () => {
  expect((await upWith(managed())).errors).toEqual([]);
  const settings = managed({ namespaces: 'existing' });
  expect((await upWith(settings)).errors).toEqual([]);
  expect((await destroy(await stackOf(settings))).errors).toEqual([]);
  expect(await found()).toMatchObject({ deleting: false, mark: { branch: 'feat/one' } });
  await temporal.operator.deleteNamespace({ namespace: 'team-letters-feat-one' });
});

test('a key is in neither state nor diagnostics, and a missing one fails up with its name', async () => {
  const settings = managed({ apiKey: { env: 'COPPICE_TEST_TEMPORAL_KEY' } });
  const unset = await upWith(settings);
  expect(unset.errors.join('\n')).toMatch(/the variable COPPICE_TEST_TEMPORAL_KEY/);
  process.env.COPPICE_TEST_TEMPORAL_KEY = 'a-key-of-ours';
  try {
    // The dev server has no TLS, which a key implies: it fails while holding the key.
    const refused = await upWith(settings);
    expect(refused.succeeded).toBe(false);
    expect(refused.errors.join('\n')).toContain('does not answer');
    expect(refused.errors.join('\n')).not.toContain('a-key-of-ours');
    expect(JSON.stringify(await (await stackOf(settings)).exportStack())).not.toContain('a-key-of-ours');
  } finally {
    delete process.env.COPPICE_TEST_TEMPORAL_KEY;
  }
});

test('a spec with a managed server that the settings do not name is refused', async () => {
  expect((await upWith(undefined)).errors.join('\n')).toContain('the settings name no server');
});
