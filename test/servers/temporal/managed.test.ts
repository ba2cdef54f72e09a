import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CoppiceError } from '../../../core/errors.ts';
import { connectTemporal } from '../../../servers/temporal/connection/connection.ts';
import { callError } from '../../../servers/temporal/connection/grpc-error.ts';
import { managedFrontend } from '../../../servers/temporal/connection/managed.ts';
import { duration } from '../../../servers/temporal/connection/times.ts';
import { deleteNamespace } from '../../../servers/temporal/namespaces/delete.ts';
import { ensureNamespace } from '../../../servers/temporal/namespaces/ensure.ts';
import { requireNamespace } from '../../../servers/temporal/namespaces/require-namespace.ts';
import { namespaceState } from '../../../servers/temporal/namespaces/state.ts';
import type { ManagedTemporal } from '../../../servers/temporal/place.ts';
import type { Frontend, Temporal } from '../../../servers/temporal/types.ts';
import { startTestServer, startWorkflow, type TestServer, testRequest } from './harness.ts';
import { type StandIn, standInName, startStandIn } from './stand-in.ts';

const apiKey = 'tmprl_geheim.0123456789';
const { signal } = new AbortController();

let server: TestServer;
const open: (() => void | Promise<void>)[] = [];
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.remove());
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function standIn(door: Parameters<typeof startStandIn>[1]): Promise<StandIn> {
  const started = await startStandIn(server.frontend.address, door);
  open.push(started.close);
  return started;
}

type Change = Partial<Pick<ManagedTemporal, 'tls' | 'apiKey'>>;
async function reach(door: StandIn, change: Change, env: NodeJS.ProcessEnv = {}): Promise<Temporal> {
  const place: ManagedTemporal = {
    kind: 'managed',
    address: door.address,
    namespaces: 'create',
    tls: { serverName: standInName, ca: door.files.ca },
    ...change,
  };
  const temporal = await connectTemporal(await managedFrontend(place, env), signal);
  open.push(() => temporal.close());
  return temporal;
}

/** The error, with a check that nothing visible to a person or a log contains the key. */
async function errorOf(reaching: Promise<unknown>): Promise<CoppiceError> {
  const error = await reaching.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CoppiceError)) throw new Error('it was accepted', { cause: error });
  for (let seen: unknown = error; seen instanceof Error; seen = seen.cause) {
    expect(`${seen.message} ${JSON.stringify(seen)} ${seen.stack}`).not.toContain(apiKey);
  }
  return error;
}

describe('a server that requires an API key (stand-in before a real server)', () => {
  test("works like the platform's, with a key from the environment", async () => {
    const door = await standIn({ apiKey });
    const temporal = await reach(door, { apiKey: { env: 'TEMPORAL_API_KEY' } }, { TEMPORAL_API_KEY: apiKey });
    const request = testRequest('keyed', { searchAttributes: { Customer: 'Keyword' } });
    const { id, created } = await ensureNamespace(temporal, request, signal);
    expect(created).toBe(true);
    await startWorkflow(temporal, request.name, 'order-1');
    expect(await namespaceState(temporal, request)).toEqual({ kind: 'ours', id, sound: true });
    expect(await deleteNamespace(temporal, request)).toBe(true);
    expect(await namespaceState(temporal, request)).toEqual({ kind: 'absent' });
    expect(door.asked.every(({ authorization }) => authorization === `Bearer ${apiKey}`)).toBe(true);
  });

  test('gets the namespace as a header of every call, by which Temporal Cloud routes', async () => {
    const door = await standIn({ apiKey });
    const temporal = await reach(door, { apiKey: { env: 'KEY' } }, { KEY: apiKey });
    await temporal.workflow.describeNamespace({ namespace: 'default' });
    await temporal.under(signal).operator.listSearchAttributes({ namespace: 'default' });
    expect(
      door.asked.map((headers) => [headers[':path']?.split('/').at(-1), headers['temporal-namespace']]),
    ).toEqual([
      ['GetSystemInfo', undefined],
      ['DescribeNamespace', 'default'],
      ['ListSearchAttributes', 'default'],
    ]);
  });

  test('works with a key from a file', async () => {
    const door = await standIn({ apiKey });
    const file = join(dirname(door.files.ca), 'key');
    writeFileSync(file, `${apiKey}\n`);
    const temporal = await reach(door, { apiKey: { file } });
    expect(await temporal.workflow.getSystemInfo({})).toMatchObject({ serverVersion: expect.any(String) });
  });

  test('refuses another key, and the error does not contain it', async () => {
    const door = await standIn({ apiKey: 'another' });
    const refusal = await errorOf(reach(door, { apiKey: { env: 'KEY' } }, { KEY: apiKey }));
    expect(refusal).toMatchObject({
      code: 'COPPICE_TEMPORAL_DENIED',
      message: expect.stringContaining(`${door.address} denies GetSystemInfo: Request unauthorized.`),
      hint: expect.stringContaining('temporal.managed'),
    });
  });

  test('refuses a client without a key', async () => {
    const door = await standIn({ apiKey });
    expect(await errorOf(reach(door, {}))).toMatchObject({ code: 'COPPICE_TEMPORAL_DENIED' });
  });

  test('the hint of a denial mentions the key only if one is set (a denial of our own)', () => {
    const denial = { code: 7, details: 'Request unauthorized.' };
    const hintFor = (more: Partial<Frontend>) =>
      callError({ address: '127.0.0.1:17233', ...more }, 'GetSystemInfo', denial).hint;
    expect(hintFor({})).toMatch(/^the platform's server needs no key: run `wt doctor`/);
    expect(hintFor({ tls: {}, apiKey })).toMatch(/^check the key and the certificate/);
  });

  test('is not contacted when the key is missing', async () => {
    const door = await standIn({ apiKey });
    const absent = join(dirname(door.files.ca), 'absent');
    for (const source of [{ env: 'KEY' }, { file: absent }]) {
      const refusal = await errorOf(reach(door, { apiKey: source }));
      expect(refusal).toMatchObject({
        code: 'COPPICE_MANAGED_TEMPORAL',
        message: expect.stringContaining('env' in source ? 'variable KEY' : absent),
        hint: expect.stringContaining('temporal.managed.apiKey'),
      });
    }
    expect(door.asked).toEqual([]);
  });
});

describe('a server whose certificate is not valid (stand-in before a real server)', () => {
  test.each([
    [
      'of an unknown authority',
      () => ({ serverName: standInName }),
      /: self-signed certificate in certificate chain$/,
    ],
    [
      'of another authority than the configured one',
      (door: StandIn) => ({ serverName: standInName, ca: door.files.otherCa }),
      /: self-signed certificate in certificate chain$/,
    ],
    ['for another name than the address', (door: StandIn) => ({ ca: door.files.ca }), /127\.0\.0\.1/],
    [
      'for another name than the configured one',
      (door: StandIn) => ({ serverName: 'other.test', ca: door.files.ca }),
      /other\.test/,
    ],
  ])('%s gets no key, and the error gives the reason', async (_, tls, words) => {
    const door = await standIn({ apiKey });
    const reaching = reach(door, { tls: tls(door), apiKey: { env: 'KEY' } }, { KEY: apiKey });
    const refusal = await errorOf(reaching);
    expect(refusal).toMatchObject({
      code: 'COPPICE_TEMPORAL_DENIED',
      message: expect.stringMatching(words),
      hint: expect.stringContaining('temporal.managed.tls'),
    });
    expect(door.asked).toEqual([]);
  });

  test('without TLS gets no key either', async () => {
    const place: ManagedTemporal = {
      kind: 'managed',
      address: server.frontend.address,
      namespaces: 'create',
      apiKey: { env: 'KEY' },
    };
    const frontend = await managedFrontend(place, { KEY: apiKey });
    expect((await errorOf(connectTemporal(frontend, signal))).code).toBe('COPPICE_TEMPORAL_UNREACHABLE');
  });
});

describe('a server that requires a client certificate (stand-in before a real server)', () => {
  const tls = (door: StandIn, cert?: string, key?: string) => ({
    tls: { serverName: standInName, ca: door.files.ca, ...(cert && key && { cert, key }) },
  });

  test('accepts one of its authority', async () => {
    const door = await standIn({ clientCertificate: true });
    const temporal = await reach(door, tls(door, door.files.cert, door.files.key));
    const request = testRequest('certified');
    expect((await ensureNamespace(temporal, request, signal)).created).toBe(true);
    expect(await deleteNamespace(temporal, request)).toBe(true);
  });

  test.each([
    ['none', () => undefined],
    ['one of another authority', (door: StandIn) => [door.files.otherCert, door.files.otherKey]],
  ])('refuses a client that shows %s', async (_, shown) => {
    const door = await standIn({ clientCertificate: true });
    const refusal = await errorOf(reach(door, tls(door, ...(shown(door) ?? []))));
    expect(refusal.code).toMatch(/^COPPICE_TEMPORAL_(DENIED|UNREACHABLE)$/);
    expect(refusal.hint).toContain('temporal.managed');
    expect(door.asked).toEqual([]);
  });

  test('is not contacted with a key that does not match the certificate', async () => {
    const door = await standIn({ clientCertificate: true });
    const refusal = await errorOf(reach(door, tls(door, door.files.cert, door.files.otherKey)));
    expect(refusal).toMatchObject({
      code: 'COPPICE_TEMPORAL_DENIED',
      message: expect.stringContaining('certificates for Temporal'),
    });
  });
});

describe('a server that serves several clusters', () => {
  test('separates namespaces of this and another cluster, even if both have the repository at the same path', async () => {
    const temporal = await server.connect();
    open.push(() => temporal.close());
    const request = testRequest('shared');
    const owned = (cluster: string) => ({ ...request, owner: { ...request.owner, cluster } });
    const { id } = await ensureNamespace(temporal, owned('one'), signal);
    await expect(ensureNamespace(temporal, owned('two'), signal)).rejects.toMatchObject({
      code: 'COPPICE_CLAIMED',
      message: expect.stringMatching(/belongs to branch shared of .* in another cluster$/),
    });
    expect(await namespaceState(temporal, owned('two'))).toMatchObject({ kind: 'another' });
    expect(await deleteNamespace(temporal, owned('two'))).toBe(false);
    expect(await deleteNamespace(temporal, request)).toBe(false);
    expect(await ensureNamespace(temporal, owned('one'), signal)).toEqual({ id, created: false });
    expect(await deleteNamespace(temporal, owned('one'))).toBe(true);
  });
});

describe('a namespace that others create', () => {
  test('is found if it exists, and not changed', async () => {
    const temporal = await server.connect();
    open.push(() => temporal.close());
    const before = await temporal.workflow.describeNamespace({ namespace: 'default' });
    const theirs = 'theirs';
    await temporal.workflow.registerNamespace({
      namespace: theirs,
      workflowExecutionRetentionPeriod: duration(7200),
      data: { team: 'orders' },
    });
    const made = await temporal.workflow.describeNamespace({ namespace: theirs });
    expect(await requireNamespace(temporal, theirs, signal)).toEqual({ id: made.namespaceInfo?.id });
    expect(await temporal.workflow.describeNamespace({ namespace: theirs })).toEqual(made);
    expect(await temporal.workflow.describeNamespace({ namespace: 'default' })).toEqual(before);
  });

  test('is reported when it does not exist or is being deleted', async () => {
    const temporal = await server.connect();
    open.push(() => temporal.close());
    const absent = {
      code: 'COPPICE_NO_TEMPORAL_NAMESPACE',
      message: expect.stringContaining('there is no namespace nobodys'),
      hint: expect.stringContaining('create nobodys'),
    };
    await expect(requireNamespace(temporal, 'nobodys', signal)).rejects.toMatchObject(absent);
    await temporal.workflow.registerNamespace({
      namespace: 'nobodys',
      workflowExecutionRetentionPeriod: duration(7200),
    });
    const { id } = await requireNamespace(temporal, 'nobodys', signal);
    await temporal.operator.deleteNamespace({ namespaceId: id });
    await expect(requireNamespace(temporal, 'nobodys', signal)).rejects.toMatchObject(absent);
  });

  /** A managed server whose response about a namespace cannot be produced here. */
  async function answering(describeNamespace: () => Promise<unknown>): Promise<Temporal> {
    const temporal = await server.connect();
    open.push(() => temporal.close());
    const workflow = Object.assign(Object.create(temporal.workflow), { describeNamespace });
    const stubbed: Temporal = { ...temporal, workflow, under: () => stubbed };
    return stubbed;
  }

  test('to which the key has no access may exist or not: the error says both (a denial of our own)', async () => {
    const cause = Object.assign(new Error('x'), { code: 7, details: 'Request unauthorized.' });
    const denial = new CoppiceError('COPPICE_TEMPORAL_DENIED', 'denied', { cause });
    const temporal = await answering(() => Promise.reject(denial));
    await expect(requireNamespace(temporal, 'secluded', signal)).rejects.toMatchObject({
      code: 'COPPICE_NO_TEMPORAL_NAMESPACE',
      message: expect.stringContaining('no namespace secluded, or the key has no access to it'),
    });
  });

  test('counts as missing just before it is renamed (a response of our own)', async () => {
    const temporal = await answering(async () => ({
      namespaceInfo: { id: '1', name: 'deleting', state: 3 },
    }));
    await expect(requireNamespace(temporal, 'deleting', signal)).rejects.toMatchObject({
      code: 'COPPICE_NO_TEMPORAL_NAMESPACE',
    });
  });

  test("is never one of the server's own", async () => {
    const temporal = await server.connect();
    open.push(() => temporal.close());
    for (const name of ['default', 'temporal-system'])
      await expect(requireNamespace(temporal, name, signal)).rejects.toMatchObject({
        code: 'COPPICE_TEMPORAL_PROTECTED',
      });
  });
});
