import { expect } from 'vitest';
import { Attribute, MetricLabel, TimeCorrected } from '../../../core/telemetry.ts';
import { rowsArrive, rowsOf, seriesArrive, seriesOf, spansArrive } from './ask.ts';
import { stackTest } from './fixture.ts';
import { logsOf, metricsOf, tracesOf } from './signals.ts';
import { shopPod } from './stack.ts';

const loud = { ip: '127.0.0.2', namespace: 'wt-shop--loud' };
const honest = { ip: '127.0.0.3', namespace: 'wt-shop--honest' };
const DAY = 86_400_000;

const { test, stack } = stackTest([shopPod('loud', 'web', loud.ip), shopPod('honest', 'web', honest.ip)]);

const of = ({ namespace }: { namespace: string }) => `${MetricLabel.namespace}="${namespace}"`;

test('a sum with delta temporality is stored, and takes nothing with it', async () => {
  const { send } = stack();
  const send2 = (value: number) =>
    Promise.all([
      send(
        loud.ip,
        'metrics',
        metricsOf([
          { name: 'deltas', value, delta: true },
          { name: 'beside', value },
        ]),
      ),
      send(honest.ip, 'metrics', metricsOf([{ name: 'gauge', value }])),
    ]);
  await send2(2);
  await send2(3);
  const [sum] = await seriesArrive(stack(), `{__name__=~"deltas(_total)?",${of(loud)}} == 5`);
  expect(sum?.value[1]).toBe('5');
  await seriesArrive(stack(), `beside{${of(loud)}}`);
  await seriesArrive(stack(), `gauge{${of(honest)}} == 3`);
});

test.for([
  ['a day old', -DAY],
  ['a day ahead', DAY],
] as const)(
  'a sample that is %s is dropped and counted, and what was sent with it is stored',
  async ([name, off]) => {
    const { send, collectorMetrics } = stack();
    const metric = `skewed_${off < 0 ? 'old' : 'ahead'}`;
    const filter = off < 0 ? 'filter/old' : 'filter/ahead';
    const together = [
      { name: metric, value: 1, time: Date.now() + off },
      { name: `${metric}_beside`, value: 1 },
    ];
    await send(loud.ip, 'metrics', metricsOf(together));
    await seriesArrive(stack(), `${metric}_beside{${of(loud)}}`);
    expect(await seriesOf(stack(), `${metric}`), name).toEqual([]);
    expect(await collectorMetrics()).toMatch(
      new RegExp(`otelcol_processor_filter_datapoints_filtered\\{[^}]*filter="${filter}"[^}]*\\} [1-9]`),
    );
  },
);

test('a log record with the clock of another day is found, marked where its time could not be kept', async () => {
  const { send } = stack();
  const at = (body: string, time: number) => send(loud.ip, 'logs', logsOf([{ body, time }]));
  await at('clock a day behind', Date.now() - DAY);
  await at('clock a day ahead', Date.now() + DAY);
  await at('clock a year behind', Date.now() - 365 * DAY);
  await send(loud.ip, 'logs', logsOf([{ body: 'clock of nineteen seventy', time: 0 }]));
  const rows = await rowsArrive(stack(), `clock {${Attribute.namespace}="${loud.namespace}"}`, 4);
  const seen = rows.map((row) => [row._msg, row[Attribute.time]]);
  expect(Object.fromEntries(seen)).toEqual({
    'clock a day behind': undefined,
    'clock a day ahead': TimeCorrected.ahead,
    'clock a year behind': TimeCorrected.tooOld,
    'clock of nineteen seventy': undefined,
  });
  expect(await rowsOf(stack(), `clock {${Attribute.namespace}="${loud.namespace}"} _time:1h`)).toHaveLength(
    3,
  );
});

test('a span with the clock of another day is found', async () => {
  const { send } = stack();
  await send(
    loud.ip,
    'traces',
    tracesOf([{ traceId: 'e'.repeat(32), name: 'late', time: Date.now() - DAY }]),
  );
  const spans = await spansArrive(stack(), 'web', { [Attribute.namespace]: loud.namespace });
  expect(spans.map(({ name }) => name)).toContain('late');
});

test('a thousand values of a label are the series of their own environment alone', async () => {
  const { send } = stack();
  const many = Array.from({ length: 1000 }, (_, index) => ({
    name: 'many',
    value: index,
    attributes: { id: `${index}`, long: 'x'.repeat(10_000) },
  }));
  await send(loud.ip, 'metrics', metricsOf(many));
  await send(honest.ip, 'metrics', metricsOf([{ name: 'many', value: 1 }]));
  const [count] = await seriesArrive(stack(), `count(many{${of(loud)}}) == 1000`);
  expect(count?.value[1]).toBe('1000');
  await seriesArrive(stack(), `many{${of(honest)}}`);
  expect(await seriesOf(stack(), `many{${of(honest)}}`)).toHaveLength(1);
  const [one] = await seriesOf(stack(), `many{${of(loud)}, id="1"}`);
  expect(one?.metric.long).toHaveLength(256);
});
