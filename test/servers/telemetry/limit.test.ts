import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { Attribute, LimitMetric, limitProcessors, SpanMetric } from '../../../core/telemetry.ts';
import { rowsArrive, rowsOf, seriesArrive, spansOf } from './ask.ts';
import { waitFor } from './engines.ts';
import { stackTest } from './fixture.ts';
import { write } from './pod-files.ts';
import { logsOf, tracesOf } from './signals.ts';
import { shopPod } from './stack.ts';

const loud = shopPod('loud', 'web', '127.0.0.2');
const quiet = shopPod('quiet', 'web', '127.0.0.3');
const small = { ownMib: 1, sharedMib: 2, mostMib: 1 };
const { test, stack } = stackTest([loud, quiet], { limits: { logs: small, traces: small } });

/** Of the Collector's own metrics, 0 as long as there is none. */
async function counted(metric: string, processor: string, { namespace }: { namespace: string }) {
  const labels = [`${LimitMetric.environment}="${namespace}"`, `processor="${processor}"`];
  const line = (await stack().collectorMetrics())
    .split('\n')
    .find((text) => text.startsWith(`${metric}{`) && labels.every((label) => text.includes(label)));
  return Number(line?.split(' ').at(-1) ?? 0);
}

const noise = (bytes: number) =>
  Array.from({ length: bytes }, () => String.fromCharCode(33 + Math.floor(Math.random() * 90))).join('');

test("an environment that has used its day loses its own lines, counted, and nobody else's", async () => {
  const { podLogs, send, collector } = stack();
  const lines = Array.from({ length: 6000 }, (_, index) => `loud ${index} ${noise(1000)}`);
  write(podLogs, loud, lines);
  write(podLogs, quiet, ['quiet line']);
  const [passed, dropped] = await waitFor(async () => {
    const lost = await counted(LimitMetric.dropped, limitProcessors.logs, loud);
    const [row] = await rowsOf(stack(), 'loud | stats count() n');
    const found = Number(row?.n ?? 0);
    return found + lost === lines.length ? ([found, lost] as const) : undefined;
  });
  expect(dropped).toBeGreaterThan(0);
  // Two MiB of 6: of noise little is less on disk.
  expect(passed).toBeGreaterThan(1000);
  expect(passed).toBeLessThan(4000);
  await rowsArrive(stack(), `"quiet line" {${Attribute.namespace}="${quiet.namespace}"}`);
  expect(await counted(LimitMetric.dropped, limitProcessors.logs, quiet)).toBe(0);

  // What it has left is written down each five seconds: a Collector that ends of itself is no new day.
  await waitFor(async () => ((await leftOf(loud)) <= 0 ? true : undefined));
  await collector.kill();
  await collector.start();
  expect(await send(loud.ip, 'logs', logsOf([{ body: 'after the start' }]))).toBe(200);
  expect(await send(quiet.ip, 'logs', logsOf([{ body: 'after the start' }]))).toBe(200);
  const rows = await rowsArrive(stack(), '"after the start"');
  expect(rows.map((row) => row[Attribute.namespace])).toEqual([quiet.namespace]);
  expect(await counted(LimitMetric.dropped, limitProcessors.logs, loud)).toBe(1);
});

test('spans beyond the day are not stored, and are in the metrics that are made of spans', async () => {
  const { send } = stack();
  const requests = 30;
  const spansIn = 100;
  for (let request = 0; request < requests; request++) {
    const spans = Array.from({ length: spansIn }, (_, index) => ({
      traceId: `${request * spansIn + index + 1}`.padStart(32, '0'),
      spanId: `${request * spansIn + index + 1}`.padStart(16, '0'),
      name: 'loud',
      attributes: { noise: noise(1000) },
    }));
    expect(await send(loud.ip, 'traces', tracesOf(spans))).toBe(200);
  }
  expect(await send(quiet.ip, 'traces', tracesOf([{ traceId: 'a'.repeat(32), name: 'quiet' }]))).toBe(200);
  const dropped = await counted(LimitMetric.dropped, limitProcessors.traces, loud);
  expect(dropped).toBeGreaterThan(0);
  await seriesArrive(stack(), `${SpanMetric.calls}{span_name="loud"} == ${requests * spansIn}`);
  await waitFor(async () => {
    const found = await spansOf(stack(), 'web', { [Attribute.namespace]: loud.namespace });
    return found.length === requests * spansIn - dropped || undefined;
  });
  const kept = await spansOf(stack(), 'web', { [Attribute.namespace]: quiet.namespace });
  expect(kept.map(({ name }) => name)).toEqual(['quiet']);
});

/** Bytes of the shared part, as the Collector wrote them down. */
async function leftOf({ namespace }: { namespace: string }): Promise<number> {
  const text = await readFile(`${stack().folder}/queue/limit-logs.json`, 'utf8').catch(() => '{}');
  const { namespaces } = JSON.parse(text) as {
    namespaces?: Record<string, { shared: { left: number } }>;
  };
  return namespaces?.[namespace]?.shared.left ?? Number.POSITIVE_INFINITY;
}
