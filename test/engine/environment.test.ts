import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Kube } from '../../cluster/kube/client.ts';
import { Annotation, Label } from '../../core/labels.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { eventually, get } from '../e2e/harness.ts';
import { cluster, destroy, Engine, namespaceState, server, up, Worktree } from './harness.ts';

let record: ClusterRecord;
let kube: Kube;
let engine: Engine;
const worktrees: Worktree[] = [];

beforeAll(async () => {
  ({ record, kube } = await cluster());
  engine = new Engine();
});

afterAll(() => {
  engine.remove();
  for (const worktree of worktrees) worktree.remove();
});

const repository = '/src/proof/.git';

function worktreeOf(
  branch: string,
  files: Readonly<Record<string, string>> = { 'server.js': server },
): Worktree {
  const worktree = new Worktree(branch, files, repository);
  worktrees.push(worktree);
  return worktree;
}

const two = `
version: 1
name: proof
services:
  web: { runtime: node, command: node server.js, port: 3000, primary: true, env: { NAME: web }, ready: { path: /healthz } }
  api: { runtime: node, command: node server.js, port: 4000, paths: [/api], env: { NAME: api } }
`;

function one(command: string, more = ''): string {
  return `
version: 1
name: proof
services:
  web: { runtime: node, command: ${JSON.stringify(command)}, port: 3000, env: { NAME: web }${more} }
`;
}

const ask = (host: string, path = '/') => get(host, path, record.http.port);

describe('an environment', () => {
  const host = 'feat-b.proof.localhost';
  let worktree: Worktree;
  let id: string;

  beforeAll(() => {
    worktree = worktreeOf('feat/b');
  });

  const stack = (commit?: string, of = engine) => of.environment(worktree.plan(record, two, commit), record);

  test('is created, and answers the moment that up ends, with its id and commit on every answer', async () => {
    const done = await up(await stack());
    expect(done.errors).toEqual([]);
    expect(done.outputs).toMatchObject({
      url: { value: worktree.plan(record, two).routes[0]?.url },
      namespace: { value: 'wt-proof--feat-b' },
      environmentId: { value: expect.stringMatching(/^[0-9a-f]{8}$/) },
    });
    id = done.outputs.environmentId?.value;
    for (const [where, path, body] of [
      [host, '/', 'web /'],
      [host, '/api/x', 'api /api/x'],
      [`api.${host}`, '/y', 'api /y'],
    ] as const) {
      const answer = await ask(where, path);
      expect([answer.status, answer.body]).toEqual([200, body]);
      expect(answer.headers['x-coppice-environment']).toBe(`proof/feat-b; id=${id}`);
      expect(answer.headers['x-coppice-commit']).toBe(`${'0'.repeat(40)}+live`);
    }
  });

  test('has its owner on its namespace', async () => {
    const { metadata } = await kube.core.readNamespace({ name: 'wt-proof--feat-b' });
    expect(metadata?.labels).toMatchObject({ [Label.environmentId]: id, [Label.app]: 'proof' });
    expect(metadata?.annotations).toMatchObject({
      [Annotation.repository]: repository,
      [Annotation.branch]: 'feat/b',
      [Annotation.worktree]: worktree.folder,
    });
  });

  test('is deleted with its namespace, object by object, as in the state', async () => {
    const { deployment } = await (await stack()).exportStack();
    const resources = deployment.resources as { urn: string; type: string; deletedWith?: string }[];
    const claim = resources.find(({ type }) => type === 'coppice:index:Environment')?.urn;
    const objects = resources.filter(({ type }) => type.startsWith('kubernetes:'));
    expect(objects.length).toBeGreaterThan(6);
    expect(new Set(objects.map(({ deletedWith }) => deletedWith))).toEqual(new Set([claim]));
  });

  test('is not changed by a second up', async () => {
    const { changes } = await up(await stack());
    expect(Object.keys(changes)).toEqual(['same']);
  });

  test('answers with a new commit when up ends, from pods of that commit', async () => {
    const commit = 'a'.repeat(40);
    const done = await up(await stack(commit));
    expect(done.errors).toEqual([]);
    const answer = await ask(host);
    expect(answer.headers['x-coppice-commit']).toBe(`${commit}+live`);
    expect(answer.headers['x-coppice-environment']).toBe(`proof/feat-b; id=${id}`);
  });

  test('is adopted with its id by a state that does not contain it', async () => {
    const other = new Engine();
    try {
      const done = await up(await stack(undefined, other));
      expect(done.errors).toEqual([]);
      expect(done.outputs.environmentId?.value).toBe(id);
    } finally {
      other.remove();
    }
  });

  test('cannot be taken by another branch with the same slug, with its own state or with this one', async () => {
    const rival = worktreeOf('feat-b').plan(record, two);
    const other = new Engine();
    for (const of of [other, engine]) {
      const { errors, succeeded } = await up(await of.environment(rival, record));
      expect(succeeded).toBe(false);
      const text = errors.join('\n');
      expect(text).toContain('belongs to branch feat/b');
      expect(text).toContain('branch feat-b cannot have it');
      expect(text).toContain('--as NAME');
    }
    other.remove();
    expect((await ask(host)).headers['x-coppice-environment']).toBe(`proof/feat-b; id=${id}`);
  });

  test('is recreated, with another id, after its namespace was deleted by hand', async () => {
    await kube.core.deleteNamespace({ name: 'wt-proof--feat-b' });
    const done = await up(await stack(), { refresh: true });
    expect(done.errors).toEqual([]);
    const answer = await ask(host);
    expect(answer.status).toBe(200);
    expect(done.outputs.environmentId?.value).not.toBe(id);
    expect(answer.headers['x-coppice-environment']).toContain(done.outputs.environmentId?.value);
  });

  test('is repaired when a service was scaled down by hand', async () => {
    const scaled = { spec: { replicas: 0 } };
    const api = { name: 'api', namespace: 'wt-proof--feat-b' };
    await kube.apps.patchNamespacedDeployment({ ...api, body: scaled }, kube.mergePatch);
    await eventually('no pod of api', async () => {
      const labelSelector = `${Label.service}=api`;
      const { items } = await kube.core.listNamespacedPod({ namespace: api.namespace, labelSelector });
      return items.length === 0 || undefined;
    });
    const plain = await up(await stack());
    expect(plain.errors.join('\n')).toContain('was scaled to 0 by hand');
    const refreshed = await up(await stack(), { refresh: true });
    expect(refreshed.errors).toEqual([]);
    expect((await ask(`api.${host}`)).status).toBe(200);
  });

  test('leaves no pod and no answer when destroy ends, and its namespace is gone soon', async () => {
    const done = await destroy(await stack());
    expect(done.errors).toEqual([]);
    expect((await kube.core.listNamespacedPod({ namespace: 'wt-proof--feat-b' })).items).toEqual([]);
    expect((await ask(host)).headers['x-coppice-environment']).toBeUndefined();
    const again = await destroy(await stack());
    expect(again.errors).toEqual([]);
    const back = await up(await stack());
    expect(back.errors).toEqual([]);
    expect((await ask(host)).status).toBe(200);
    expect((await destroy(await stack())).errors).toEqual([]);
    await eventually(
      'the namespace is gone',
      async () => (await namespaceState(kube, 'wt-proof--feat-b')) === 'absent' || undefined,
    );
  });
});

describe('up fails with the reason,', () => {
  const branch = 'fails';
  const namespace = 'wt-proof--fails';
  let worktree: Worktree;

  beforeAll(() => {
    worktree = worktreeOf(branch);
  });

  afterAll(async () => {
    expect((await destroy(await stack(one('true')))).errors).toEqual([]);
  });

  const stack = (spec: string) => engine.environment(worktree.plan(record, spec), record);

  test.each([
    {
      what: 'when a service crashes, with its exit code and last words',
      spec: one('echo the last words; exit 7'),
      says: ['service web crashes: exit code 7', '| the last words'],
    },
    {
      what: 'when a command does not exist',
      spec: one('no-such-program'),
      says: ['service web crashes: its command was not found (exit code 127)', 'no-such-program'],
    },
    {
      what: 'when an image does not exist',
      spec: `
version: 1
name: proof
services:
  web: { image: "coppice.local/nothing:none", command: [/run], port: 3000 }
`,
      says: ['service web image coppice.local/nothing:none cannot be pulled'],
    },
    {
      what: 'when no node has that much memory',
      spec: one('node server.js', ', resources: { requests: { memory: 900Gi }, limits: { memory: 900Gi } }'),
      says: ['service web cannot be scheduled', 'nsufficient memory'],
    },
    {
      what: 'when nothing listens on the port in time',
      // Counted from the start of its process, so it does not matter how long its pod takes to be created.
      spec: one('sleep 600', ', ready: { path: /, timeout: 3s }'),
      says: ['service web does not listen on port 3000 yet', 'after 3 s'],
    },
  ])('$what', async ({ spec, says }) => {
    const { errors, succeeded } = await up(await stack(spec));
    expect(succeeded).toBe(false);
    for (const text of says) expect(errors.join('\n')).toContain(text);
  });

  test('and the next up, once the mistake is corrected, succeeds', async () => {
    const done = await up(await stack(one('node server.js')));
    expect(done.errors).toEqual([]);
    expect(await ask('fails.proof.localhost')).toMatchObject({ status: 200, body: 'web /' });
  });

  test('while the previous pods keep answering, until the change is reverted', async () => {
    const broken = await up(await stack(one('exit 3')));
    expect(broken.succeeded).toBe(false);
    expect((await ask('fails.proof.localhost')).status).toBe(200);
    const back = await up(await stack(one('node server.js')));
    expect(back.errors).toEqual([]);
    const { items } = await kube.core.listNamespacedPod({ namespace });
    expect(items.filter(({ metadata }) => !metadata?.deletionTimestamp)).toHaveLength(1);
  });
});

test('a namespace of that name that coppice did not create is not touched', async () => {
  const name = 'wt-proof--foreign';
  await kube.core.createNamespace({ body: { metadata: { name } } });
  try {
    const plan = worktreeOf('foreign').plan(record, two);
    const stack = await engine.environment(plan, record);
    const { errors } = await up(stack);
    expect(errors.join('\n')).toContain('was not created by coppice');
    await destroy(stack);
    expect(await namespaceState(kube, name)).toBe('Active');
  } finally {
    await kube.core.deleteNamespace({ name });
  }
});

test('nothing is created or deleted on a cluster other than the recorded one', async () => {
  const plan = worktreeOf('elsewhere').plan(record, two);
  const elsewhere = { ...record, uid: '00000000-0000-4000-8000-000000000000' };
  const { errors } = await up(await engine.environment(plan, elsewhere));
  expect(errors.join('\n')).toContain('is a different cluster');
  expect(await namespaceState(kube, plan.namespace)).toBe('absent');
});
