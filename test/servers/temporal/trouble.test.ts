import { expect } from 'vitest';
import { connectTemporal } from '../../../servers/temporal/connection/connection.ts';
import { deleteNamespace } from '../../../servers/temporal/namespaces/delete.ts';
import { ensureNamespace } from '../../../servers/temporal/namespaces/ensure.ts';
import { namespaceState } from '../../../servers/temporal/namespaces/state.ts';
import type { Temporal } from '../../../servers/temporal/types.ts';
import { runningWorkflows } from '../../../servers/temporal/workflows/workflows.ts';
import { server, signal, startAgain, temporal, test } from './fixture.ts';
import { startWorkflow, testRequest, watched } from './harness.ts';

const wanted = { searchAttributes: { OrderId: 'Keyword' } } as const;

/** Runs `harm` before the call of that number (from 0) that `work` makes; false when it made fewer. */
async function atCall(
  number: number,
  harm: () => void | Promise<void>,
  work: (temporal: Temporal) => Promise<void>,
): Promise<boolean> {
  let calls = 0;
  let harmed = false;
  const harmful = watched(temporal, async () => {
    if (calls++ !== number) return;
    harmed = true;
    await harm();
  });
  await work(harmful);
  return harmed;
}

test('a create that is interrupted at any call ends at once and leaves nothing behind', async () => {
  const request = testRequest('interrupted', wanted);
  let number = 0;
  for (; ; number++) {
    const interrupts = new AbortController();
    const harm = () => interrupts.abort();
    const harmed = await atCall(number, harm, async (harmful) => {
      const ensured = ensureNamespace(harmful, request, interrupts.signal);
      const error = await ensured.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (interrupts.signal.aborted) expect(error).toMatchObject({ code: 'COPPICE_INTERRUPTED' });
      else expect(error).toBeUndefined();
    });
    if (!harmed) break;
    expect(await namespaceState(temporal, request)).toEqual({ kind: 'absent' });
  }
  expect(number).toBeGreaterThanOrEqual(6);
  expect(await namespaceState(temporal, request)).toMatchObject({ kind: 'ours', sound: true });
});

test('an adoption that is interrupted at any call leaves the namespace, and the next one completes it', async () => {
  const request = testRequest('interrupted-later');
  const { id } = await ensureNamespace(temporal, request, signal);
  for (let number = 0; ; number++) {
    const interrupts = new AbortController();
    const change = { ...request, retentionSeconds: 7200, ...wanted };
    const harm = () => interrupts.abort();
    const harmed = await atCall(number, harm, async (harmful) => {
      await ensureNamespace(harmful, change, interrupts.signal).catch(() => undefined);
    });
    if (!harmed) break;
    expect(await namespaceState(temporal, request)).toMatchObject({ kind: 'ours', id });
    await ensureNamespace(temporal, change, signal);
    expect(await namespaceState(temporal, change)).toMatchObject({ kind: 'ours', id, sound: true });
    await ensureNamespace(temporal, { ...request, retired: ['OrderId'] }, signal);
  }
});

test('an already aborted signal prevents everything', async () => {
  const request = testRequest('never');
  const aborted = AbortSignal.abort();
  await expect(ensureNamespace(temporal, request, aborted)).rejects.toMatchObject({
    code: 'COPPICE_INTERRUPTED',
  });
  await expect(connectTemporal(server.frontend, aborted)).rejects.toMatchObject({
    code: 'COPPICE_INTERRUPTED',
  });
  expect(await namespaceState(temporal, request)).toEqual({ kind: 'absent' });
});

test('a server that dies during a create is reported, and the next one converges', async () => {
  const request = testRequest('killed', wanted);
  for (let number = 0; ; number++) {
    const harmed = await atCall(number, server.kill, async (harmful) => {
      const error = await ensureNamespace(harmful, request, signal).catch((reason: unknown) => reason);
      if (error && 'id' in (error as object)) return;
      expect(error).toMatchObject({
        code: 'COPPICE_TEMPORAL_UNREACHABLE',
        exitCode: 3,
        message: expect.stringContaining(server.frontend.address),
      });
      // Only before it registered is it certain that nothing is left.
      const registered = /RegisterNamespace|RespondActivity|SearchAttributes/.test(String(error));
      if (registered) expect(error).toMatchObject({ message: expect.stringContaining(request.name) });
    });
    if (!harmed) break;
    await startAgain();
    await ensureNamespace(temporal, request, signal);
    await startWorkflow(temporal, request.name, 'lands', { searchAttributes: { OrderId: 'a' } });
    expect(await deleteNamespace(temporal, request)).toBe(true);
  }
  expect(await namespaceState(temporal, request)).toMatchObject({ kind: 'ours', sound: true });
});

test('a connection reconnects to a server that was down', async () => {
  const request = testRequest('away', wanted);
  const { id } = await ensureNamespace(temporal, request, signal);
  await server.kill();
  await expect(runningWorkflows(temporal, request.name)).rejects.toMatchObject({
    code: 'COPPICE_TEMPORAL_UNREACHABLE',
    exitCode: 3,
  });
  await server.start();
  await expect
    .poll(() => ensureNamespace(temporal, request, signal).catch(() => undefined), { timeout: 300_000 })
    .toEqual({ id, created: false });
});

test('a frozen server does not block longer than the signal', async () => {
  server.freeze(true);
  try {
    const interrupts = new AbortController();
    const asked = runningWorkflows(temporal.under(interrupts.signal), 'wt-shop--away');
    // Its time limit is shorter than that of the count, which only the signal ends earlier.
    const connected = connectTemporal(server.frontend);
    interrupts.abort();
    await expect(Promise.race([asked, connected])).rejects.toMatchObject({ code: 'COPPICE_INTERRUPTED' });
    await expect(connected).rejects.toMatchObject({ code: 'COPPICE_TEMPORAL_UNREACHABLE' });
  } finally {
    server.freeze(false);
  }
});

test('a call for which the server has no capacity is retried', async () => {
  const request = testRequest('asked-often');
  await ensureNamespace(temporal, request, signal);
  // It answers 100 of these at once, and 10 a second from then on.
  const counts = Array.from({ length: 150 }, () => runningWorkflows(temporal, request.name));
  expect(new Set(await Promise.all(counts))).toEqual(new Set([0]));
});

test('an address where nothing listens is reported at once', async () => {
  const address = '127.0.0.1:1';
  await expect(connectTemporal({ address })).rejects.toMatchObject({
    code: 'COPPICE_TEMPORAL_UNREACHABLE',
    exitCode: 3,
    message: expect.stringMatching(
      /^Temporal at 127\.0\.0\.1:1 does not answer GetSystemInfo: .*ECONNREFUSED/,
    ),
  });
});

test('a proxy in the environment is not used for a server on this machine', async () => {
  const before = process.env.http_proxy;
  process.env.http_proxy = 'http://127.0.0.1:1';
  try {
    (await connectTemporal(server.frontend)).close();
  } finally {
    if (before === undefined) delete process.env.http_proxy;
    else process.env.http_proxy = before;
  }
});
