import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { answersAsRegistry, registryApi } from '../../../../cluster/images/registry.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
  const listening = createServer(listener).listen(0, '127.0.0.1');
  server = listening;
  await new Promise((resolve) => listening.once('listening', resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}/v2/`;
}

test.each([
  [200, true],
  [401, true],
  [302, false],
  [403, false],
  [404, false],
  [503, false],
])('an answer of %i means reachable: %s', async (status, reachable) => {
  const url = await serve((_, response) =>
    response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('text'),
  );
  expect(await answersAsRegistry(url)).toBe(reachable);
});

test('a silent registry is given up on after its time', async () => {
  const url = await serve(() => {});
  expect(await answersAsRegistry(url, 50)).toBe(false);
});

test('a port without a listener is not reachable', async () => {
  const url = await serve(() => {});
  server?.close();
  server = undefined;
  expect(await answersAsRegistry(url)).toBe(false);
});

test("a reference's registry is queried at its API's own host", () => {
  expect(registryApi('docker.io/library/node:20')).toBe('https://registry-1.docker.io/v2/');
  expect(registryApi('registry.k8s.io/pause:3.10.1')).toBe('https://registry.k8s.io/v2/');
});
