import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, test } from 'vitest';
import { statusOf } from '../../../../app/telemetry/status.ts';
import { statusDocument as schema } from '../../../../cli/ui/telemetry/schema.ts';
import { statusReport } from '../../../../cli/ui/telemetry/status.ts';
import type { PlatformTelemetry, StoreState } from '../../../../servers/telemetry/arrivals.ts';

const now = Date.parse('2026-11-30T12:00:00Z');
const minutesAgo = (minutes: number) => now - minutes * 60_000;
const [main, feature] = ['wt-shop--main', 'wt-shop--feat-b'];

type Arrived = PlatformTelemetry['arrivals'][number];
const arrival = (given: Partial<Arrived>): Arrived => ({
  namespace: feature,
  service: 'web',
  spans: 0,
  requests: 0,
  series: 3,
  ...given,
});
const healthy: StoreState = { away: [], losses: [], queues: [], logReadOnly: false, charges: [], memory: [] };

const status = (
  given: Partial<Parameters<typeof statusOf>[0]> & {
    arrivals?: readonly Arrived[];
    state?: Partial<StoreState>;
  },
) => {
  const { arrivals = [], state, ...rest } = given;
  const platform = { arrivals, state: { ...healthy, ...state } };
  return statusOf({ platform, lines: [], kept: [], unseen: [], ...rest }, now);
};
const problems = (...arrivals: Arrived[]) => status({ arrivals }).problems.map(({ what }) => what);

test('a service whose spans stopped while requests go on is a problem', () => {
  expect(problems(arrival({ requests: 12.2, lastSpan: minutesAgo(6) }))).toEqual([
    'shop/feat-b: no spans for 6 min from web, which has 13 requests a minute',
  ]);
});

test.each([
  ['its spans come', arrival({ requests: 12, spans: 40, lastSpan: minutesAgo(6) })],
  ['nobody asks it', arrival({ lastSpan: minutesAgo(6) })],
  ['it never sent one: it has no SDK', arrival({ requests: 12 })],
  ['the last is not long ago', arrival({ requests: 12, lastSpan: minutesAgo(4) })],
])('none, when %s', (_, given) => {
  expect(problems(given)).toEqual([]);
});

test('what was lost, a full queue and a full disk are problems', () => {
  const { problems: found } = status({
    state: {
      losses: [{ counter: 'vl_rows_dropped_total', reason: 'too_old', count: 12 }],
      queues: [
        { exporter: 'otlp_http/logs', share: 0.9 },
        { exporter: 'otlp_grpc/traces', share: 0.49 },
        { exporter: 'otlp_http/metrics', share: 0.5 },
      ],
      logReadOnly: true,
    },
  });
  expect(found.map(({ what }) => what)).toEqual([
    'the log store has no room and takes nothing',
    "the Collector's queue otlp_http/logs is 90 % full: its store is away or too slow",
    "the Collector's queue otlp_http/metrics is 50 % full: its store is away or too slow",
    '12 lost in the last hour: vl_rows_dropped_total (too_old)',
  ]);
});

test('a server that does not answer Prometheus is a problem, and nobody says that nothing was lost', () => {
  const report = statusReport(status({ state: { away: ['collector'] } }), now);
  expect(report.exitCode).toBe(1);
  expect(report.text).toContain('! collector does not answer Prometheus: what it lost');
  expect(report.text).not.toContain('nothing was lost');
});

test('lines and spans of one service are one row, by environment', () => {
  const { arrivals } = status({
    arrivals: [arrival({ spans: 120, requests: 60 })],
    lines: [
      { namespace: feature, service: 'web', lines: 340 },
      { namespace: main, service: 'job', lines: 5 },
    ],
  });
  expect(arrivals).toMatchObject([
    { environment: 'shop/feat-b', service: 'web', spans: 120, requests: 60, lines: 340 },
    { environment: 'shop/main', service: 'job', spans: 0, requests: 0, lines: 5, series: 0 },
  ]);
});

test('the report has problems first, then rows, queues and disks', () => {
  const report = statusReport(
    status({
      arrivals: [arrival({ spans: 120, requests: 60, series: 85, lastSpan: minutesAgo(0.2) })],
      lines: [{ namespace: feature, service: 'web', lines: 340 }],
      kept: [
        { namespace: feature, lines: 8000 },
        { namespace: main, lines: 2000 },
      ],
      unseen: [{ what: 'Jaeger is not ready', fix: 'run `wt platform status`' }],
      state: {
        queues: [{ exporter: 'x', share: 0.04 }],
        logBytes: 13e6,
        logFreeBytes: 9e9,
        metricSeries: 4210,
      },
    }),
    now,
  );
  expect(report.exitCode).toBe(1);
  expect(report.text.split('\n')).toEqual([
    '! Jaeger is not ready',
    '  try: run `wt platform status`',
    'what arrived in the last 5 min, per minute, from 1 service',
    'environment  service  spans  requests  lines  series  last span',
    'shop/feat-b  web      120    60        340    85      12 s',
    'queues: 4 % full',
    'logs: 13.0 MB, 9.0 GB free; 10,000 lines: shop/feat-b 80 %, shop/main 20 %',
    'metrics: 4,210 series',
  ]);
});

test('of a service that began to send just now the time of the last span is bounded, not left out', () => {
  const { text } = statusReport(status({ arrivals: [arrival({ spans: 3 })] }), now);
  expect(text).toContain('< 5 min');
});

test('without anything it says 0, and ends with 0', () => {
  const report = statusReport(status({}), now);
  expect(report).toMatchObject({ exitCode: 0 });
  expect(report.text).toBe(
    '0 spans, 0 lines and 0 series in the last 5 min\nnothing was lost in the last hour',
  );
});

test('fifty environments and twenty problems stay below 900 tokens, and the document has them all', () => {
  const arrivals = Array.from({ length: 50 }, (_, at) =>
    arrival({ namespace: `wt-shop--feature-${at}`, requests: 12, lastSpan: minutesAgo(9) }),
  );
  const report = statusReport(status({ arrivals }), now);
  expect(countTokens(report.text)).toBeLessThanOrEqual(900);
  expect(report.text).toMatch(/! 45 problems more: wt telemetry status --json/);
  const document = schema.parse(JSON.parse(JSON.stringify(report.json)));
  expect(document.arrivals).toHaveLength(50);
  expect(document.problems).toHaveLength(50);
});

test('an environment that has used its day is named, with what it lost and where to look', () => {
  const { problems: found } = status({
    state: {
      losses: [
        {
          counter: 'otelcol_environment_limit_dropped',
          reason: 'environment_limit/traces',
          namespace: feature,
          count: 12,
        },
      ],
    },
  });
  expect(found[0]?.what).toMatch(/^shop\/feat-b: 12 spans dropped in the last hour/);
  expect(found[0]?.fix).toContain('wt traces --env shop/feat-b');
});

test('who fills the trace store is said, and what each added is in the document', () => {
  const charges = [{ namespace: feature, store: 'traces', bytes: 3 * 1024 * 1024 }] as const;
  const { text, json } = statusReport(status({ state: { charges } }), now);
  expect(text).toContain('traces, added in a day: shop/feat-b 3');
  expect(json.added).toEqual([{ environment: 'shop/feat-b', store: 'traces', bytes: 3 * 1024 * 1024 }]);
});
