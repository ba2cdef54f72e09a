import { expect, test } from 'vitest';
import { checksOf } from '../../../../platform/collector/checks.ts';
import { isReadOnly, type TelemetryFacts } from '../../../../platform/collector/facts.ts';
import { lossProblems, silences } from '../../../../servers/telemetry/judgement.ts';

const MIB = 1024 * 1024;
const quiet: TelemetryFacts = {
  disk: { logs: 13 * MIB },
  readOnly: false,
  silent: [],
  lost: [],
  queues: [{ exporter: 'otlp_http/logs', bytes: 0, capacity: 128 * MIB }],
  loudest: [],
  limits: true,
  limited: [],
};
const faults = (facts: Partial<TelemetryFacts>) =>
  checksOf({ ...quiet, ...facts })
    .filter(({ ok }) => !ok)
    .map(({ name, detail }) => `${name}: ${detail}`);

test('stores that have room and lost nothing are no fault', () => {
  expect(faults({})).toEqual([]);
});

test('what was lost in the last hour is a fault, with its reason, as wt telemetry status tells it', () => {
  const lost = lossProblems([{ counter: 'vl_rows_dropped_total', reason: 'too_small_timestamp', count: 3 }]);
  expect(faults({ lost })).toEqual([
    'losses: 3 lost in the last hour: vl_rows_dropped_total (too_small_timestamp)',
  ]);
});

test('a service whose spans stopped while requests go on is a fault; one that never sent any is none', () => {
  const now = Date.now();
  const web = { namespace: 'wt-shop--main', service: 'web', spans: 0, requests: 3, series: 9 };
  const silent = silences([{ ...web, lastSpan: now - 6 * 60_000 }, web], now);
  expect(faults({ silent })).toEqual([
    'spans: shop/main: no spans for 6 min from web, which has 3 requests a minute',
  ]);
  expect(silent[0]?.fix).toContain('wt logs web --env shop/main');
});

test('a store beyond its ceiling, one with a full disk and a queue that grows are faults', () => {
  expect(faults({ disk: { traces: 9000 * MIB } })).toHaveLength(1);
  expect(faults({ disk: { logs: 9000 * MIB } })[0]).toContain('VictoriaLogs');
  expect(faults({ readOnly: true })).toEqual(['log store: takes no more logs: its disk is full']);
  const queues = [{ exporter: 'otlp_grpc/traces', bytes: 64 * MIB, capacity: 128 * MIB }];
  expect(faults({ queues })[0]).toContain('wait for otlp_grpc/traces');
});

test('who logged most is named', () => {
  const loudest = [{ namespace: 'wt-shop--a', lines: 10_000, bytes: 3 * MIB }];
  expect(JSON.stringify(checksOf({ ...quiet, loudest }))).toContain('wt-shop--a 10000 lines');
});

test('who lost lines or spans to its limit is a fault, and that there is no limit is told', () => {
  const limited = [
    { namespace: 'wt-shop--a', store: 'logs', count: 1200 },
    { namespace: 'wt-shop--b', store: 'traces', count: 7 },
  ] as const;
  expect(faults({ limited })).toEqual([
    'limit by environment: wt-shop--a: 1200 lines dropped in a day',
    'limit by environment: wt-shop--b: 7 spans dropped in a day',
  ]);
  expect(faults({ limits: false })).toEqual([]);
  expect(JSON.stringify(checksOf({ ...quiet, limits: false }))).toContain('can fill a store');
});

test("the log store's own metrics say whether it takes more", () => {
  const metrics = (readOnly: number) =>
    [`vl_storage_is_read_only{path="/var/lib/victoria-logs"} ${readOnly}`].join('\n');
  expect(isReadOnly(metrics(0))).toBe(false);
  expect(isReadOnly(metrics(1))).toBe(true);
});
