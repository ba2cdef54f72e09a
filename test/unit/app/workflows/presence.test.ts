import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { quickAnswer } from '../../../../app/environments/quick-answer.ts';
import type { EnvironmentRecord } from '../../../../app/environments/record.ts';
import { type KeptNamespace, namespaceProblem } from '../../../../app/workflows/presence.ts';
import { keptNamespace } from '../../../../app/workflows/resource.ts';
import type { TemporalOutputs } from '../../../../resources/temporal-namespace/contract.ts';

/** Answers behind the UI's route, from a real HTTP server on loopback. */
let answer: { status: number; body: string; headers?: Record<string, string> };
let asked: { host: string | undefined; url: string | undefined }[];
let server: Server;
let kept: KeptNamespace;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push({ host: request.headers.host, url: request.url });
    response
      .writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
      .end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  kept = { name: 'wt-shop--b', id: 'id-1', httpPort: (server.address() as AddressInfo).port };
});
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
  answer = described();
});

const described = (id = 'id-1', state = 'NAMESPACE_STATE_REGISTERED') => ({
  status: 200,
  body: JSON.stringify({ namespaceInfo: { name: 'wt-shop--b', state, id } }),
});

describe('the namespace from the last up', () => {
  test("is queried at the UI's host, and is there", async () => {
    expect(await namespaceProblem(kept)).toBeUndefined();
    expect(asked).toEqual([{ host: 'temporal.localhost', url: '/api/v1/namespaces/wt-shop--b' }]);
  });

  test.each([
    ['gone', { status: 404, body: '{"code":5}' }, 'the Temporal namespace wt-shop--b is gone'],
    ['another one', described('id-2'), 'the Temporal namespace wt-shop--b is not the one from the last up'],
    [
      'being deleted',
      described('id-1', 'NAMESPACE_STATE_DELETED'),
      'the Temporal namespace wt-shop--b is being deleted',
    ],
    [
      'unknown to the server that answers',
      { status: 200, body: '<html>' },
      'the Temporal namespace wt-shop--b is not the one from the last up',
    ],
    [
      'out of reach where a page of ours says that there is no such host',
      { status: 404, body: '{}', headers: { 'x-coppice-page': 'unknown-host' } },
      'the Temporal namespace wt-shop--b cannot be checked: the server does not answer',
    ],
    [
      'out of reach',
      { status: 503, body: '' },
      'the Temporal namespace wt-shop--b cannot be checked: the server answers 503',
    ],
  ])('may be %s', async (_, given, expected) => {
    answer = given;
    expect(await namespaceProblem(kept)).toBe(expected);
  });

  test('is unknown where no server answers, which is no error', async () => {
    expect(await namespaceProblem({ ...kept, httpPort: 1 })).toMatch(/cannot be checked: .*ECONNREFUSED/);
  });
});

describe('the quick answer for an environment with a namespace', () => {
  const record = () => ({ contentHash: 'same', ownProgram: false, temporal: kept }) as EnvironmentRecord;
  const allReady = async () => ({
    ready: true,
    state: 'up' as const,
    services: [],
    routes: [],
    namespace: 'live' as const,
  });

  test('is yes while the namespace is the recorded one', async () => {
    expect(await quickAnswer(record(), 'same', allReady)).toEqual({ up: true, doubts: [] });
  });

  test('is no when it was deleted by hand', async () => {
    answer = { status: 404, body: '' };
    expect(await quickAnswer(record(), 'same', allReady)).toEqual({
      up: false,
      reason: 'the Temporal namespace wt-shop--b is gone',
    });
  });

  test('sends no request when there is none', async () => {
    const { temporal: _, ...without } = record();
    expect(await quickAnswer(without as EnvironmentRecord, 'same', allReady)).toEqual({
      up: true,
      doubts: [],
    });
    expect(asked).toEqual([]);
  });
});

describe('what an up records about a namespace', () => {
  const resource = (server: object) =>
    ({ server, namespaceId: 'id-1', temporal: { namespace: 'wt-shop--b' } }) as TemporalOutputs;
  const http = { port: 80 };

  test('is its name and id, where the UI answers on loopback', () => {
    expect(keptNamespace(resource({ kind: 'platform' }), { ingress: 'host-loopback', http })).toEqual({
      name: 'wt-shop--b',
      id: 'id-1',
      httpPort: 80,
    });
  });

  test('is nothing for a server or a cluster that is not on this machine', () => {
    const managed = { kind: 'managed', address: 'x:7233', namespaces: 'create' };
    expect(keptNamespace(resource(managed), { ingress: 'host-loopback', http })).toBeUndefined();
    expect(keptNamespace(resource({ kind: 'platform' }), { ingress: 'load-balancer', http })).toBeUndefined();
    expect(keptNamespace(undefined, { ingress: 'host-loopback', http })).toBeUndefined();
  });
});
