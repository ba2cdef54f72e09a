import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, test } from 'vitest';
import type { ComparedMetrics, QueryAnswer } from '../../../../../app/telemetry/metrics.ts';
import {
  metricsDocument,
  metricsText,
  queryDocument,
  queryText,
} from '../../../../../cli/ui/telemetry/metrics.ts';
import { metricsDocument as schema } from '../../../../../cli/ui/telemetry/schema.ts';
import type { ServiceFigures } from '../../../../../servers/telemetry/figures.ts';

const now = Date.parse('2026-11-30T12:00:00Z');
const period = { from: now - 900_000, to: now };
const view = {
  tokens: 240,
  line: (verb: string, ...words: readonly string[]) => ['wt', verb, ...words].join(' '),
  now,
};

const api: ServiceFigures = {
  service: 'api',
  requests: 3690,
  failed: 243,
  p50: 38.2,
  p95: 410,
  cpu: 0.123,
  memory: 96e6,
  restarts: 0,
};
const metrics = (
  services: readonly ServiceFigures[],
  given: Partial<ComparedMetrics> = {},
): ComparedMetrics => ({
  environment: 'shop/feat-b',
  gone: false,
  period,
  figures: { services },
  ...given,
});

test('a row for each service, and workflows', () => {
  const figures = {
    services: [api, { service: 'worker', requests: 12, failed: 0, memory: 80e6 }],
    workflows: { completed: 12, failed: 2, backlog: 0 },
  };
  expect(metricsText(metrics([], { figures }), view).split('\n')).toEqual([
    'shop/feat-b, last 15 min: 2 services',
    'service  requests  /s    errors  p50    p95     cpu   memory   restarts',
    'api      3,690     4.10  6.6 %   38 ms  410 ms  12 %  96.0 MB  0',
    'worker   12        0.01  0 %     -      -       -     80.0 MB  -',
    'workflows: 12 completed, 2 failed, backlog 0',
  ]);
});

test('with another environment each figure says how far it is from that one’s', () => {
  const other = { ...api, requests: 3700, failed: 0, p95: 108, cpu: 0.15, memory: 100e6 };
  const versus = {
    environment: 'shop/main',
    gone: false,
    period,
    figures: { services: [other, { service: 'web' }] },
  };
  expect(metricsText(metrics([api], { versus }), view).split('\n')).toEqual([
    'shop/feat-b, last 15 min, against shop/main: 1 service',
    'service  requests  /s          errors      p50        p95           cpu        memory       restarts',
    'api      3,690     4.10 -0.3%  6.6 % +6.6  38 ms +0%  410 ms +280%  12 % -18%  96.0 MB -4%  0',
    'only in shop/main: web',
  ]);
});

test('nothing measured is said, and where to look', () => {
  // `wt telemetry status` is of all environments, and takes none.
  const line = (verb: string) => `wt ${verb} --env feat-b`;
  expect(metricsText(metrics([]), { ...view, line })).toBe(
    'shop/feat-b, last 15 min: 0 services\nnothing was measured; `wt telemetry status` says what arrives',
  );
});

test('the usual output stays below 300 tokens, with 40 services compared', () => {
  const services = Array.from({ length: 40 }, (_, at) => ({ ...api, service: `service-${at}` }));
  const versus = {
    environment: 'shop/main',
    gone: false,
    period,
    figures: { services: services.map((one) => ({ ...one, p95: 7 })) },
  };
  const text = metricsText(metrics(services, { versus }), view);
  expect(countTokens(text)).toBeLessThanOrEqual(300);
  expect(text).toMatch(/\d+ services more: wt metrics --json$/);
});

test('a query is a row for each series without the namespace, or 0 series', () => {
  const samples = [
    { labels: { __name__: 'up', k8s_namespace_name: 'wt-shop--feat-b', service_name: 'api' }, value: 1 },
    { labels: {}, value: 0.000123456 },
    { labels: { le: '+Inf' }, value: Number.NaN },
  ];
  const answer = (given: typeof samples): QueryAnswer => ({
    environment: 'shop/feat-b',
    gone: false,
    query: 'up',
    found: { kind: 'instant', samples: given },
  });
  expect(queryText(answer(samples), view).split('\n')).toEqual([
    'shop/feat-b, now: 3 series',
    'value      labels',
    '1          up service_name=api',
    '0.0001235',
    'NaN        le=+Inf',
  ]);
  expect(queryText(answer([]), view)).toBe('shop/feat-b, now: 0 series');
});

test('a query over a period tells least, mean, most and last value', () => {
  const points = [1, 5, Number.NaN, 3].map((value, at): [number, number] => [now - 1000 * (4 - at), value]);
  const answer: QueryAnswer = {
    environment: 'shop/feat-b',
    gone: false,
    query: 'up',
    found: { kind: 'range', period, series: [{ labels: { a: 'b' }, points }] },
  };
  expect(queryText(answer, view).split('\n').slice(1)).toEqual([
    'least  mean  most  last  labels',
    '1      3     5     3     a=b',
  ]);
  expect(schema.parse(JSON.parse(JSON.stringify(queryDocument(answer))))).toMatchObject({
    kind: 'query',
    total: 1,
  });
});

test('the document has what the schema says', () => {
  const versus = {
    environment: 'shop/main',
    gone: false,
    period,
    figures: { services: [{ service: 'web' }] },
  };
  const document = metricsDocument(metrics([api], { versus }));
  expect(schema.parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
});

test('of an environment that is gone the end of what was measured is told, and that it is gone', () => {
  const gone = { gone: true, period: { from: now - 8_100_000, to: now - 7_200_000 } };
  const shown = metricsText(metrics([api], gone), view);
  expect(shown).toMatch(
    /^shop\/feat-b \(gone; its metrics are kept\), 15 min until \d\d:\d\d:00: 1 service\n/,
  );
  expect(metricsDocument(metrics([api], gone))).toMatchObject({
    gone: true,
    from: '2026-11-30T09:45:00.000Z',
    to: '2026-11-30T10:00:00.000Z',
  });
  const versus = { environment: 'shop/old', figures: { services: [api] }, ...gone };
  expect(metricsText(metrics([api], { versus }), view)).toContain(
    'against shop/old (gone; its metrics are kept)',
  );
  const found = { kind: 'instant' as const, samples: [], at: gone.period.to };
  const answer = { environment: 'shop/old', gone: true, query: 'up', found };
  expect(queryText(answer, view)).toMatch(
    /^shop\/old \(gone; its metrics are kept\), at \d\d:\d\d:00: 0 series$/,
  );
});
