import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { askHere } from '../../../../servers/telemetry/reach.ts';
import { sinceLastRequests } from '../../../../servers/telemetry/requests.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Seconds since 1970, by Prometheus' clock: not this machine's. */
const there = 1_700_000_000;
const sample = (figure: string, value: number, namespace?: string) => ({
  metric: { figure, ...(namespace !== undefined && { k8s_namespace_name: namespace }) },
  value: [there, String(value)],
});
const clock = sample('clock', there);
const collector = sample('collector', 1);

async function answering(status: number, result: readonly object[]) {
  const asked: URL[] = [];
  const server = createServer((request, response) => {
    asked.push(new URL(request.url ?? '', 'http://prometheus'));
    response.writeHead(status).end(JSON.stringify({ data: { resultType: 'vector', result } }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { asked, asker: askHere((server.address() as AddressInfo).port, 'metrics') };
}

test('one question tells of all environments, by the clock of the server that saw the requests', async () => {
  const { asked, asker } = await answering(200, [
    clock,
    collector,
    sample('before', there - 86_400, 'wt-shop--a'),
    sample('before', there - 900, 'wt-shop--b'),
    sample('now', there, 'wt-shop--b'),
    sample('now', there, 'wt-shop--c'),
  ]);
  expect(await sinceLastRequests(asker)).toEqual(
    new Map([
      ['wt-shop--a', 86_400_000],
      ['wt-shop--b', 0],
      ['wt-shop--c', 0],
    ]),
  );
  expect(asked.map(({ pathname }) => pathname)).toEqual(['/api/v1/query']);
});

test('nobody’s requests are an answer, while the Collector is there', async () => {
  const { asker } = await answering(200, [clock, collector]);
  expect(await sinceLastRequests(asker)).toEqual(new Map());
});

test.each<[string, readonly object[]]>([
  ['does not answer', [clock, sample('collector', 0)]],
  ['was never asked', [clock]],
  ['is unknown with everything else', []],
])('a Collector that %s leaves requests unknown, and none is not the answer', async (_, result) => {
  const { asker } = await answering(200, [...result, sample('before', there - 60, 'wt-shop--a')]);
  await expect(sinceLastRequests(asker)).rejects.toMatchObject({
    code: 'COPPICE_TELEMETRY_UNREACHABLE',
    message: expect.stringContaining('the Collector does not answer'),
  });
});

test('neither is a failure of Prometheus', async () => {
  const { asker } = await answering(503, []);
  await expect(sinceLastRequests(asker)).rejects.toMatchObject({ code: 'COPPICE_TELEMETRY_REFUSED' });
});
