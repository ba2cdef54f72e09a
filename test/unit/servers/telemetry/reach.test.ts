import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { CoppiceError } from '../../../../core/errors.ts';
import { type Asker, askHere, askThroughApi, refusedWith } from '../../../../servers/telemetry/reach.ts';

const servers: Server[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function listen(onRequest: RequestListener): Promise<number> {
  const server = createServer(onRequest);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** An asker through a server that takes the place of the API server, and what was asked of it. */
async function throughApi(onRequest: RequestListener): Promise<{ asker: Asker; seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const port = await listen((request, response) => {
    seen.push(request);
    onRequest(request, response);
  });
  return { asker: await askThroughApi(await kubeconfigOf(`http://127.0.0.1:${port}`), 'logs'), seen };
}

async function kubeconfigOf(server: string) {
  const folder = await mkdtemp(join(tmpdir(), 'coppice-reach-'));
  folders.push(folder);
  const kubeconfig = join(folder, 'config');
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: { token: 'of-the-test' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    }),
  );
  return { kubeconfig, context: 'x' };
}

function apiStatus(code: number, message: string, details: object): RequestListener {
  const body = JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message,
    details,
    code,
  });
  return (_request, response) => response.writeHead(code, { 'content-type': 'application/json' }).end(body);
}

async function errorOf(work: Promise<unknown>): Promise<CoppiceError> {
  return work.then(
    () => expect.fail('it succeeded'),
    (error: CoppiceError) => error,
  );
}

test('asks a store through the service proxy of the API server, with the login of the kubeconfig', async () => {
  const { asker, seen } = await throughApi((_request, response) => response.end('{"a":1}\n\n{"a":2}\n'));
  expect(await asker.lines('/select/logsql/query', { query: '* | x=y', limit: 2, none: undefined })).toEqual([
    { a: 1 },
    { a: 2 },
  ]);
  expect(seen[0]?.url).toBe(
    '/api/v1/namespaces/coppice/services/victorialogs:9428/proxy/select/logsql/query?query=*+%7C+x%3Dy&limit=2',
  );
  expect(seen[0]?.headers.authorization).toBe('Bearer of-the-test');
});

test('says how to get a store that the platform does not have', async () => {
  const { asker } = await throughApi(
    apiStatus(404, 'services "victorialogs" not found', { name: 'victorialogs', kind: 'services' }),
  );
  const error = await errorOf(asker.json('/x'));
  expect(error.code).toBe('COPPICE_NO_TELEMETRY');
  expect(error.message).toBe('the platform of this cluster has no VictoriaLogs');
  expect(error.hint).toContain('wt platform up --with telemetry');
  expect(error.exitCode).toBe(3);
});

test('says of a store without a ready pod that it is not ready', async () => {
  const { asker } = await throughApi(
    apiStatus(503, 'no endpoints available for service "victorialogs"', { name: 'victorialogs' }),
  );
  expect(await errorOf(asker.json('/x'))).toMatchObject({
    code: 'COPPICE_TELEMETRY_UNREACHABLE',
    message: 'VictoriaLogs is not ready: no endpoints available for service "victorialogs"',
  });
});

test('says of a login without the right to ask that the cluster refuses', async () => {
  const { asker } = await throughApi(apiStatus(403, 'services "victorialogs" is forbidden', {}));
  expect(await errorOf(asker.json('/x'))).toMatchObject({
    code: 'COPPICE_CLUSTER',
    exitCode: 3,
    hint: 'run `wt doctor`',
  });
});

test('passes on what the store says about a question, and that it was the question', async () => {
  const said = [
    ['cannot parse query: unexpected token', 'cannot parse query: unexpected token'],
    ['{"status":"error","errorType":"bad_data","error":"parse error: unexpected <eof>"}', 'parse error'],
    ['{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}', 'trace not found'],
  ];
  for (const [body = '', words = ''] of said) {
    const port = await listen((_request, response) => response.writeHead(404).end(body));
    const error = await errorOf(askHere(port, 'traces').json('/x'));
    expect(error.code).toBe('COPPICE_TELEMETRY_REFUSED');
    expect(error.message).toContain(`Jaeger answers 404: ${words}`);
    expect(error.exitCode).toBe(2);
    expect(refusedWith(error)).toBe(404);
  }
});

test('a store that fails by itself is not the fault of the question', async () => {
  const port = await listen((_request, response) => response.writeHead(500).end('out of memory'));
  expect(await errorOf(askHere(port, 'metrics').json('/x'))).toMatchObject({
    code: 'COPPICE_TELEMETRY_REFUSED',
    message: 'Prometheus answers 500: out of memory',
    exitCode: 1,
  });
});

test('gives up at its deadline, also when the answer only trickles', async () => {
  const port = await listen((_request, response) => {
    const trickle = setInterval(() => response.write(' '), 5);
    response.on('close', () => clearInterval(trickle));
  });
  expect(await errorOf(askHere(port, 'logs').json('/x', {}, { within: 40 }))).toMatchObject({
    code: 'COPPICE_TELEMETRY_UNREACHABLE',
    message: 'VictoriaLogs does not answer within 0.04 s',
  });
});

test('Ctrl+C ends a question', async () => {
  const interrupt = new AbortController();
  const port = await listen(() => interrupt.abort());
  const error = await errorOf(askHere(port, 'logs').json('/x', {}, { signal: interrupt.signal }));
  expect(error.code).toBe('COPPICE_INTERRUPTED');
});

test('nobody at the port, a cluster that is away and an answer that is no JSON each have their words', async () => {
  const port = await listen(() => {});
  servers.pop()?.close();
  expect((await errorOf(askHere(port, 'logs').json('/x'))).code).toBe('COPPICE_TELEMETRY_UNREACHABLE');
  const away = await askThroughApi(await kubeconfigOf(`http://127.0.0.1:${port}`), 'logs');
  expect((await errorOf(away.json('/x'))).code).toBe('COPPICE_CLUSTER_DOWN');
  const html = await listen((_request, response) => response.end('<html>'));
  expect((await errorOf(askHere(html, 'logs').json('/x'))).message).toContain('no JSON: <html>');
});
