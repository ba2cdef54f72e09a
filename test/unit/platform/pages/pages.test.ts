import type { V1Deployment, V1Pod } from '@kubernetes/client-node';
import { beforeEach, describe, expect, test } from 'vitest';
import { Annotation, Label } from '../../../../core/labels.ts';
import { answerOf, grpcAnswer } from '../../../../platform/pages/program/answer.ts';
import type { Page } from '../../../../platform/pages/program/page.ts';
import { Pages } from '../../../../platform/pages/program/pages.ts';
import { FakeApi, namespace, route, service, slice, viewOf } from './cluster.ts';

const host = 'feat-b.shop.localhost';
const view = viewOf({
  routes: [
    route('web', host, { '/': ['web', 3000], '/api': ['api', 4000] }),
    route('api', `api.${host}`, { '/': ['api', 4000] }),
  ],
  services: [service('web', 3000), service('api', 4000)],
});

let api: FakeApi;
let pages: Pages;

const namespaceWith = (annotations: Record<string, string>) => ({
  metadata: {
    annotations: { [Annotation.branch]: 'feat/b', [Annotation.worktree]: '/home/ann/b', ...annotations },
  },
});
const deployment = (name: string, replicas: number): V1Deployment => ({
  metadata: { name, labels: { [Label.service]: name } },
  spec: { replicas, selector: {}, template: {} },
});
const pod = (name: string, container: object, ready = 'False'): V1Pod => ({
  metadata: { name: `${name}-1`, labels: { [Label.service]: name } },
  spec: { containers: [{ name, ports: [{ containerPort: 3000 }] }] },
  status: {
    phase: 'Running',
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Ready', status: ready },
    ],
    containerStatuses: [
      { name, image: '', imageID: '', ready: ready === 'True', restartCount: 0, ...container },
    ],
  },
});
const crashed = pod('web', {
  restartCount: 3,
  state: { waiting: { reason: 'CrashLoopBackOff' } },
  lastState: {
    terminated: { exitCode: 7, startedAt: '2026-11-30T10:00:00Z', finishedAt: '2026-11-30T10:00:01Z' },
  },
});

const slicesPath = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;

beforeEach(() => {
  api = new FakeApi();
  pages = new Pages(api, view, { port: 80 });
  Object.assign(api.answers, {
    [slicesPath]: { items: [slice('web', 'http', 3000, [])] },
    [`/api/v1/namespaces/${namespace}`]: namespaceWith({}),
    [`/api/v1/namespaces/${namespace}/pods`]: { items: [] },
    [`/apis/apps/v1/namespaces/${namespace}/deployments`]: {
      items: [deployment('web', 1), deployment('api', 1)],
    },
  });
});

const pageFor = async (authority: string, url = '/', routed = true): Promise<Page> => {
  const reply = await pages.reply({ authority, url, routed });
  if (reply.kind !== 'page') throw new Error('the pods should answer');
  return reply.page;
};
const textOf = (page: Page, accept?: string) => String(answerOf(page, accept).body);

describe('a host that no environment has', () => {
  test.each(['fat-b.shop.localhost', 'FAT-B.shop.localhost:80', 'fat-b.shop.localhost.'])(
    '%s gets 404 with the nearest host, what there is and what to type',
    async (authority) => {
      const page = await pageFor(authority, '/x?y');
      expect(page).toMatchObject({ status: 404, kind: 'unknown-host' });
      expect(textOf(page)).toBe(`error: no environment has the host fat-b.shop.localhost
  did you mean:
    http://feat-b.shop.localhost/
    http://api.feat-b.shop.localhost/
  environments:
    shop/feat-b  http://feat-b.shop.localhost/
  try:
    wt up      in the worktree of the branch: brings its environment up
    wt status  in a worktree: its environment and its URLs
`);
    },
  );

  test('has stable fields for programs', async () => {
    const page = await pageFor('nowhere.else.localhost');
    expect(JSON.parse(textOf(page, 'application/json'))).toEqual({
      error: {
        code: 'COPPICE_NO_ENVIRONMENT',
        message: 'no environment has the host nowhere.else.localhost',
        hint: 'run `wt up` in the worktree of the branch',
      },
      host: 'nowhere.else.localhost',
      nearest: [],
      environments: [{ name: 'shop/feat-b', url: 'http://feat-b.shop.localhost/' }],
    });
  });

  test.each(['attacker.example', '10.0.0.7', 'localhost.example', 'abc.ngrok.app'])(
    'learns no names as %s, which may not be this machine',
    async (authority) => {
      for (const accept of ['text/html', 'application/json', '*/*'])
        expect(textOf(await pageFor(authority), accept)).not.toContain('feat-b');
    },
  );

  test('learns no names where others reach the gateway', async () => {
    pages = new Pages(api, view, {});
    expect(textOf(await pageFor('fat-b.shop.localhost'), 'text/html')).not.toContain('feat-b');
  });

  test('is what the gateway has no route for, though its route was seen until a moment ago', async () => {
    const page = await pageFor(host, '/', false);
    expect(page).toMatchObject({ status: 404, title: `no environment has the host ${host}` });
    expect(page.lists.flatMap(({ items }) => items)).not.toContainEqual({ url: `http://${host}/` });
  });

  test('at localhost itself is what there is', async () => {
    expect(await pageFor('localhost')).toMatchObject({ status: 200, kind: 'overview' });
    expect((await pageFor('localhost', '/favicon.ico')).status).toBe(404);
    expect((await pageFor('127.0.0.1:8080')).status).toBe(404);
  });

  test('cannot put markup, or what a terminal obeys, into the page', async () => {
    const page = await pageFor('<script>alert(1)</script>"\u001b[2J.localhost');
    expect(textOf(page, 'text/html')).not.toContain('<script');
    expect(textOf(page)).not.toContain('\u001b');
  });
});

describe('a service that no pod answers for', () => {
  test('of a stopped environment says so, and how to start it', async () => {
    api.answers[`/api/v1/namespaces/${namespace}`] = namespaceWith({ [Annotation.stopped]: '{"web":1}' });
    api.answers[`/apis/apps/v1/namespaces/${namespace}/deployments`] = { items: [deployment('web', 0)] };
    const page = await pageFor(host);
    expect(page).toMatchObject({ status: 503, kind: 'stopped' });
    expect(textOf(page)).toBe(`error: shop/feat-b: web has no pods: the environment is stopped
    state     stopped
    branch    feat/b
    worktree  /home/ann/b
  try:
    wt start shop/feat-b  brings its pods back
`);
  });

  test('that crashes says how it ended and its own last words', async () => {
    api.answers[`/apis/apps/v1/namespaces/${namespace}/deployments`] = { items: [deployment('web', 1)] };
    api.answers[`/api/v1/namespaces/${namespace}/pods`] = { items: [crashed] };
    api.answers[`/api/v1/namespaces/${namespace}/pods/web-1/log`] =
      'listening soon\nError: no <b>database</b>\n';
    const page = await pageFor(host);
    expect(JSON.parse(textOf(page, 'application/json'))).toEqual({
      error: {
        code: 'COPPICE_NOT_READY',
        message: 'shop/feat-b: web crashes: exit code 7, 3 restarts',
        hint: 'run `wt logs web --previous --env shop/feat-b`',
      },
      environment: 'shop/feat-b',
      service: 'web',
      state: 'failing',
      reason: 'crashes: exit code 7, 3 restarts',
      exitCode: 7,
      restarts: 3,
      branch: 'feat/b',
      worktree: '/home/ann/b',
      lastError: 'Error: no <b>database</b>',
    });
    const html = textOf(page, 'text/html');
    expect(html).toContain('Error: no &lt;b&gt;database&lt;/b&gt;');
    expect(html).toContain('<code>wt up</code></dt><dd>in its worktree, once the cause is mended');
  });

  test('shows no folder and no output by a name that may not be this machine', async () => {
    const far = 'demo.example.com';
    const routes = [route('web', far, { '/': ['web', 3000] })];
    pages = new Pages(api, viewOf({ routes, services: [service('web', 3000)] }), { port: 80 });
    api.answers[`/api/v1/namespaces/${namespace}/pods`] = { items: [crashed] };
    api.answers[`/api/v1/namespaces/${namespace}/pods/web-1/log`] = 'Error: secret words\n';
    const text = textOf(await pageFor(far), 'application/json');
    expect(text).toContain('exit code 7');
    expect(text).not.toMatch(/secret words|home/);
  });

  test('that starts reloads by itself; one that was stopped does not', async () => {
    api.answers[`/api/v1/namespaces/${namespace}/pods`] = {
      items: [pod('web', { state: { running: { startedAt: new Date().toISOString() } } })],
    };
    const page = await pageFor(host);
    expect(page).toMatchObject({ kind: 'starting', retryAfter: 1 });
    expect(textOf(page, 'text/html')).toContain('http-equiv="refresh"');
    api.answers[`/api/v1/namespaces/${namespace}`] = namespaceWith({ [Annotation.stopped]: '{}' });
    api.answers[`/apis/apps/v1/namespaces/${namespace}/deployments`] = { items: [deployment('web', 0)] };
    expect(textOf(await pageFor(host), 'text/html')).not.toContain('http-equiv="refresh"');
  });

  test('is the one with the longest path', async () => {
    expect((await pageFor(host, '/api/users?x=/')).title).toContain('shop/feat-b: api ');
    expect((await pageFor(host, '/apix')).title).toContain('shop/feat-b: web ');
  });

  test('in an environment that is being removed says that', async () => {
    api.answers[`/api/v1/namespaces/${namespace}`] = {
      metadata: { deletionTimestamp: '2026-11-30T10:00:00Z' },
    };
    expect(await pageFor(host)).toMatchObject({ status: 503, kind: 'ending' });
  });

  test('has a page even while the API server is away', async () => {
    pages = new Pages(new FakeApi(), view, { port: 80 });
    expect(await pageFor(host)).toMatchObject({ status: 503, kind: 'unknown' });
  });

  test('has a status of its own for a call of gRPC', async () => {
    const { headers } = grpcAnswer({ ...(await pageFor(host)), title: 'shop/b: web 100 % gone – ü' });
    expect(headers).toMatchObject({
      'content-type': 'application/grpc',
      'grpc-status': '14',
      'grpc-message': 'shop/b: web 100 %25 gone %E2%80%93 %C3%BC',
    });
  });
});

test('as soon as a pod is ready it answers, though the gateway still asks here', async () => {
  api.answers[slicesPath] = { items: [slice('web', 'http', 3000, ['10.213.0.7', '10.213.0.8'])] };
  expect(await pages.reply({ authority: host, url: '/', routed: true })).toEqual({
    kind: 'pods',
    addresses: ['10.213.0.7:3000', '10.213.0.8:3000'],
  });
});

test('every page says that it is one, and is not kept', async () => {
  for (const page of [await pageFor('nobody.localhost'), await pageFor(host)]) {
    expect(answerOf(page, undefined).headers).toMatchObject({
      'x-coppice-page': page.kind,
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
  }
  expect(answerOf(await pageFor(host), undefined).headers).toHaveProperty('retry-after');
});
