import { expect } from 'vitest';
import { Attribute, MetricLabel } from '../../../core/telemetry.ts';
import { rowsArrive, rowsOf, seriesArrive, spansArrive } from './ask.ts';
import { stackTest } from './fixture.ts';
import { write } from './pod-files.ts';
import { logsOf, metricsOf, tracesOf } from './signals.ts';
import { shopPod } from './stack.ts';

const pod = shopPod('feat', 'web', '127.0.0.2');
const { test, stack } = stackTest([pod]);

const numbers = Array.from({ length: 40 }, (_, index) => index);
const inFeat = `{${Attribute.namespace}="${pod.namespace}"}`;

test('what was accepted while the stores were down is found, after the Collector was killed too', async () => {
  const { send, collector, logs, metrics, traces, podLogs } = stack();
  await Promise.all([logs, metrics, traces].map(({ kill }) => kill()));
  for (const number of numbers) {
    const name = `n-${number}`;
    const traceId = `${number}`.padStart(32, 'f');
    const accepted = await Promise.all([
      send(pod.ip, 'logs', logsOf([{ body: `sent ${name}` }])),
      send(pod.ip, 'metrics', metricsOf([{ name: 'sent', attributes: { name }, value: number }])),
      send(pod.ip, 'traces', tracesOf([{ traceId, name }])),
    ]);
    expect(accepted).toEqual([200, 200, 200]);
  }
  await collector.kill();
  write(podLogs, pod, ['written while nobody read']);
  await collector.start();
  await Promise.all([logs, metrics, traces].map(({ start }) => start()));
  const rows = await rowsArrive(stack(), `sent ${inFeat}`, numbers.length);
  const bodies = new Set(rows.map(({ _msg }) => _msg));
  expect([...bodies].sort()).toEqual(numbers.map((number) => `sent n-${number}`).sort());
  await seriesArrive(stack(), `sent{${MetricLabel.namespace}="${pod.namespace}"}`, numbers.length);
  const spans = await spansArrive(stack(), 'web', { [Attribute.namespace]: pod.namespace }, numbers.length);
  expect(new Set(spans.map(({ name }) => name)).size).toBe(numbers.length);
  await rowsArrive(stack(), `"written while nobody read" ${inFeat}`);
});

test('ten thousand lines at once of one environment keep nobody else waiting', async () => {
  const { podLogs } = stack();
  const loud = shopPod('loud', 'web', '127.0.0.3');
  const flood = Array.from({ length: 50_000 }, (_, index) => `flood line ${index} ${'x'.repeat(100)}`);
  write(podLogs, loud, flood);
  write(podLogs, pod, ['quiet line']);
  await rowsArrive(stack(), `"quiet line" ${inFeat}`);
  const counted = await rowsArrive(stack(), `flood | stats count() n | filter n:${flood.length}`);
  expect(counted).toEqual([{ n: `${flood.length}` }]);
  expect(await rowsOf(stack(), `flood ${inFeat}`)).toEqual([]);
});
