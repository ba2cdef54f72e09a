import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { ask } from '../../../core/http.ts';

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

test('asks an address for a host that no name server knows, and gives status and headers', async () => {
  const port = await listen(
    createServer(({ headers, url }, response) =>
      response.writeHead(418, { 'X-Seen': `${headers.host}${url}` }).end(),
    ),
  );
  const answer = await ask({ address: '127.0.0.1', port }, 'a.shop.localhost', '/x');
  expect(answer).toMatchObject({ status: 418, headers: { 'x-seen': 'a.shop.localhost/x' } });
});

test('does not wait for the end of a body', async () => {
  const port = await listen(createServer((_request, response) => response.writeHead(200).write('for ever')));
  expect((await ask({ address: '127.0.0.1', port }, 'a', '/')).status).toBe(200);
});

test('says why nothing answered, and never throws', async () => {
  const port = await listen(createServer());
  servers.pop()?.close();
  expect(await ask({ address: '127.0.0.1', port }, 'a', '/')).toEqual({ failure: 'connection refused' });
  const silent = await listen(createTcpServer(() => {}));
  expect((await ask({ address: '127.0.0.1', port: silent }, 'a', '/', 50)).failure).toBe(
    'no answer within 0.05 s',
  );
});
