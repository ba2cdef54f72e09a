import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { ask, http } from '../../../core/http.ts';
import { ownUserAgent } from '../../../core/telemetry.ts';

const servers: { close(): unknown; closeAllConnections?(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test('requests an address with a host that no name server knows, and returns status and headers', async () => {
  const port = await listen(
    createServer(({ headers, url }, response) =>
      response.writeHead(418, { 'X-Seen': `${headers.host}${url}` }).end(),
    ),
  );
  const answer = await ask({ address: '127.0.0.1', port }, 'a.shop.localhost', '/x');
  expect(answer).toMatchObject({ status: 418, headers: { 'x-seen': 'a.shop.localhost/x' } });
});

test('says who asks, so that a look at an environment is no request of it', async () => {
  const port = await listen(
    createServer(({ headers }, response) =>
      response.writeHead(200, { 'X-Seen': headers['user-agent'] }).end(),
    ),
  );
  const answer = await ask({ address: '127.0.0.1', port }, 'a.shop.localhost', '/');
  expect(answer.headers?.['x-seen']).toBe(ownUserAgent);
});

test('does not wait for the end of a body', async () => {
  const port = await listen(createServer((_request, response) => response.writeHead(200).write('for ever')));
  expect((await ask({ address: '127.0.0.1', port }, 'a', '/')).status).toBe(200);
});

test('returns why nothing answered, and never throws', async () => {
  const port = await listen(createServer());
  servers.pop()?.close();
  expect(await ask({ address: '127.0.0.1', port }, 'a', '/')).toEqual({ failure: 'connection refused' });
  const silent = await listen(createTcpServer(() => {}));
  expect((await ask({ address: '127.0.0.1', port: silent }, 'a', '/', 50)).failure).toBe(
    'no answer within 0.05 s',
  );
});

test('returns the whole body, and treats every status as an answer', async () => {
  const port = await listen(
    createServer((_request, response) => response.writeHead(404).end('nicht für dich')),
  );
  expect(await http(`http://127.0.0.1:${port}/`, { timeout: 30_000 })).toMatchObject({
    status: 404,
    body: 'nicht für dich',
  });
});

test('sends JSON', async () => {
  const port = await listen(
    createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      response.end(`${request.method} ${request.headers['content-type']} ${body}`);
    }),
  );
  const { body } = await http(`http://127.0.0.1:${port}/`, {
    method: 'POST',
    json: { a: 1 },
    timeout: 30_000,
  });
  expect(body).toBe('POST application/json {"a":1}');
});

test('throws when nothing answers, a body is cut off, or it takes too long', async () => {
  const closed = await listen(createServer());
  servers.pop()?.close();
  await expect(http(`http://127.0.0.1:${closed}/`, { timeout: 30_000 })).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
  const broken = await listen(
    createServer((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setTimeout(() => response.destroy(), 20);
    }),
  );
  await expect(http(`http://127.0.0.1:${broken}/`, { timeout: 30_000 })).rejects.toThrow('aborted');
  const slow = await listen(createServer((_request, response) => response.writeHead(200).write('half')));
  await expect(http(`http://127.0.0.1:${slow}/`, { timeout: 50 })).rejects.toMatchObject({
    code: 'ETIMEDOUT',
    message: 'no answer within 0.05 s',
  });
});

test('stops when it is interrupted', async () => {
  const port = await listen(createTcpServer(() => {}));
  const controller = new AbortController();
  const call = http(`http://127.0.0.1:${port}/`, { timeout: 5_000, signal: controller.signal });
  controller.abort();
  await expect(call).rejects.toThrow('aborted');
});
