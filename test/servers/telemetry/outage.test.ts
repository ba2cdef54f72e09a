import { expect } from 'vitest';
import { Attribute, MetricLabel } from '../../../core/telemetry.ts';
import { rowsArrive, rowsOf, seriesArrive, spansOf } from './ask.ts';
import { waitFor } from './engines.ts';
import { stackTest } from './fixture.ts';
import { write } from './pod-files.ts';
import { logsOf, metricsOf, tracesOf } from './signals.ts';
import { shopPod } from './stack.ts';

const pod = shopPod('feat', 'web', '127.0.0.2');
const { test, stack } = stackTest([pod]);

const numbers = Array.from({ length: 40 }, (_, index) => index);
const inFeat = `{${Attribute.namespace}="${pod.namespace}"}`;

/** What a killed store had stored without an answer is sent again, and may be there twice. */
function allArrive(expected: readonly string[], arrived: () => Promise<readonly (string | undefined)[]>) {
  return waitFor(async () => {
    const found = new Set(await arrived());
    return expected.every((each) => found.has(each)) || undefined;
  });
}

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
  await allArrive(
    numbers.map((number) => `sent n-${number}`),
    async () => (await rowsOf(stack(), `sent ${inFeat}`)).map(({ _msg }) => _msg),
  );
  await seriesArrive(stack(), `sent{${MetricLabel.namespace}="${pod.namespace}"}`, numbers.length);
  await allArrive(
    numbers.map((number) => `n-${number}`),
    async () =>
      (await spansOf(stack(), 'web', { [Attribute.namespace]: pod.namespace })).map(({ name }) => name),
  );
  await rowsArrive(stack(), `"written while nobody read" ${inFeat}`);
});

test('fifty thousand lines at once are all stored, in their environment alone, and so is a line beside them', async () => {
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
