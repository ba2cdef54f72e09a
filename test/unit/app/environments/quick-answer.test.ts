import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { contentHash } from '../../../../app/environments/content-hash.ts';
import { quickAnswer } from '../../../../app/environments/quick-answer.ts';
import type { EnvironmentRecord } from '../../../../app/environments/record.ts';
import type { Kube } from '../../../../cluster/kube/client.ts';
import { Header, Label } from '../../../../core/labels.ts';
import { readiness } from '../../../../resources/ready/check.ts';

/** Answers behind the routes, from a real HTTP server on loopback. */
let answer: { status: number; environment: string };
let asked: { host: string | undefined; url: string | undefined }[];
let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push({ host: request.headers.host, url: request.url });
    response.writeHead(answer.status, { [Header.environment]: answer.environment }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
  answer = { status: 200, environment: 'shop/b; id=3f2a9c1b' };
});

const pod = (service: string, ready = true) => ({
  metadata: { name: `${service}-1`, labels: { [Label.service]: service } },
  spec: { containers: [{ name: service }] },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});

/** A list of these pods, instead of a real cluster. */
const look =
  (pods: readonly object[], namespace: object | 404 = { metadata: {} }) =>
  (ready: EnvironmentRecord['ready']) =>
    readiness(
      {
        core: {
          readNamespace: async () => {
            if (namespace === 404) throw Object.assign(new Error('not found'), { code: 404 });
            return namespace;
          },
          listNamespacedPod: async () => ({ items: pods }),
          readNamespacedPodLog: async () => '',
        },
        apps: {
          listNamespacedDeployment: async () => ({
            items: ready.services.map(({ name }) => ({
              metadata: { name, labels: { [Label.service]: name } },
            })),
          }),
        },
      } as unknown as Kube,
      ready,
    );

const record = (): EnvironmentRecord => ({
  contentHash: 'same',
  app: 'shop',
  slug: 'b',
  branch: 'b',
  worktree: '/src/b',
  commit: 'abc',
  urls: [],
  ownProgram: false,
  upAt: '2026-11-21T12:00:00Z',
  ready: {
    kubeconfig: '/k',
    context: 'coppice',
    generation: 'g',
    namespace: 'wt-shop--b',
    services: [
      { name: 'web', replicas: 1, timeoutSeconds: 60 },
      { name: 'worker', replicas: 1, timeoutSeconds: 60 },
    ],
    routes: [{ service: 'web', host: 'b.shop.localhost', path: '/healthz' }],
    http: { address: '127.0.0.1', port },
    headers: { [Header.environment]: 'shop/b; id=3f2a9c1b' },
  },
});

describe('the quick answer over a real HTTP server and a list of pods', () => {
  test('is yes when nothing changed, every route answers and every pod is ready', async () => {
    expect(await quickAnswer(record(), 'same', look([pod('web'), pod('worker')]))).toEqual({
      up: true,
      doubts: [],
    });
    expect(asked).toEqual([{ host: 'b.shop.localhost', url: '/healthz' }]);
  });

  test('is no without a request when the content changed', async () => {
    const no = await quickAnswer(record(), 'other', look([pod('web'), pod('worker')]));
    expect(no).toEqual({
      up: false,
      reason: 'its commit, files or settings, or coppice itself, changed since the last up',
    });
    expect(asked).toEqual([]);
  });

  test('is no when it was never up', async () => {
    expect(await quickAnswer(undefined, 'same', look([]))).toMatchObject({ up: false });
  });

  test('is no when another environment answers', async () => {
    answer.environment = 'shop/b; id=00000000';
    const no = await quickAnswer(record(), 'same', look([pod('web'), pod('worker')]));
    expect(no).toMatchObject({
      up: false,
      reason: expect.stringContaining('answers as shop/b; id=00000000'),
    });
  });

  test('is no when the gateway itself answers 503', async () => {
    answer.status = 503;
    const no = await quickAnswer(record(), 'same', look([pod('web'), pod('worker')]));
    expect(no).toMatchObject({ up: false, reason: 'http://b.shop.localhost/healthz answers 503' });
  });

  test('is yes when the application answers 404, which is its own decision', async () => {
    answer.status = 404;
    expect(await quickAnswer(record(), 'same', look([pod('web'), pod('worker')]))).toEqual({
      up: true,
      doubts: [],
    });
  });

  test('is no when a service without a route has no pods', async () => {
    const no = await quickAnswer(record(), 'same', look([pod('web')]));
    expect(no).toEqual({ up: false, reason: 'worker has no pods' });
  });

  test('is no when a pod behind a live route is not ready', async () => {
    const no = await quickAnswer(record(), 'same', look([pod('web', false), pod('worker')]));
    expect(no).toMatchObject({ up: false, reason: expect.stringContaining('web') });
  });

  test("is no when the team's own program created it, as only the engine knows what that would change", async () => {
    const own = { ...record(), ownProgram: true };
    expect(await quickAnswer(own, 'same', look([pod('web'), pod('worker')]))).toMatchObject({ up: false });
  });

  test.each([
    ['ends', { metadata: { deletionTimestamp: '2026-11-30T12:00:00Z' } }, 'its namespace is being removed'],
    ['is gone', 404 as const, 'its namespace is gone'],
  ])('is no when its namespace %s, whatever still answers', async (_, namespace, reason) => {
    const no = await quickAnswer(record(), 'same', look([pod('web'), pod('worker')], namespace));
    expect(no).toEqual({ up: false, reason });
  });

  test('is no, without an error, when the cluster does not answer', async () => {
    const no = await quickAnswer(record(), 'same', async () => {
      throw new Error('connect ECONNREFUSED');
    });
    expect(no).toEqual({ up: false, reason: 'it cannot be checked: connect ECONNREFUSED' });
  });
});

describe('the content hash', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'coppice-content-'));
    writeFileSync(join(folder, 'coppice.yaml'), 'version: 1\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const identity = { repository: '/r/.git', worktree: '/r', branch: 'b', commit: 'abc', uid: 1, gid: 1 };
  const hash = (changes: object = {}) =>
    contentHash({ identity, specFile: join(folder, 'coppice.yaml'), profile: 'local', ...changes });

  test('stays the same when nothing changed', async () => {
    expect(await hash()).toBe(await hash());
  });

  test.each([
    ['the commit', { identity: { ...identity, commit: 'abd' } }],
    ['the branch', { identity: { ...identity, branch: 'c' } }],
    ['the profile', { profile: 'preview' }],
    ['the name', { as: 'demo' }],
  ])('changes with %s', async (_, changes) => {
    expect(await hash(changes)).not.toBe(await hash());
  });

  test('changes with the text of the spec', async () => {
    const before = await hash();
    writeFileSync(join(folder, 'coppice.yaml'), 'version: 1\nname: x\n');
    expect(await hash()).not.toBe(before);
  });

  describe('of a spec with a database', () => {
    const watched = { patterns: ['db/*.sql'], files: ['package-lock.json', 'prod.dump'] };
    beforeEach(() => {
      mkdirSync(join(folder, 'db'));
      writeFileSync(join(folder, 'db', '1.sql'), 'one');
    });

    test.each([
      ['an edited migration', () => writeFileSync(join(folder, 'db', '1.sql'), 'two')],
      ['a new migration', () => writeFileSync(join(folder, 'db', '2.sql'), '')],
      ['a removed migration', () => rmSync(join(folder, 'db', '1.sql'))],
      ['a lock file that was not there', () => writeFileSync(join(folder, 'package-lock.json'), '{}')],
      ['a big dump of another time', () => utimesSync(join(folder, 'prod.dump'), 1, 1)],
    ])('changes with %s', async (_, change) => {
      writeFileSync(join(folder, 'prod.dump'), Buffer.alloc(5 * 2 ** 20));
      const before = await hash({ watched });
      expect(await hash({ watched })).toBe(before);
      change();
      expect(await hash({ watched })).not.toBe(before);
    });

    test('stays the same when files change that are not in inputs', async () => {
      const before = await hash({ watched });
      writeFileSync(join(folder, 'db', 'README.md'), 'words');
      expect(await hash({ watched })).toBe(before);
    });
  });
});
