import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, test } from 'vitest';
import type { TraceSummary } from '../../../../../app/telemetry/trace-summary.ts';
import type { TraceFilter, TraceList } from '../../../../../app/telemetry/traces.ts';
import { tracesDocument as schema } from '../../../../../cli/ui/telemetry/schema.ts';
import { tracesDocument, tracesText } from '../../../../../cli/ui/telemetry/traces.ts';

const now = new Date(2026, 10, 30, 12, 0, 0).getTime();
const any: TraceFilter = { failed: false };

const summary = (id: string, given: Partial<TraceSummary> = {}): TraceSummary => ({
  id: id.padEnd(32, '0'),
  environment: 'shop/feat-b',
  start: now - 60_000,
  duration: 412,
  spans: 23,
  failed: 0,
  root: { service: 'api', name: 'POST /orders' },
  services: ['api', 'worker'],
  ...given,
});

const list = (matching: readonly TraceSummary[], given: Partial<TraceList> = {}): TraceList => ({
  environment: 'shop/feat-b',
  gone: false,
  period: { from: now - 900_000, to: now },
  totals: { traces: 340, failed: 9, p50: 38, p95: 410 },
  cut: false,
  matching,
  ...given,
});

const text = (found: TraceList, filter: TraceFilter = any, limit = 10) =>
  tracesText(found, {
    filter,
    limit,
    tokens: 330,
    line: (verb, ...words) => ['wt', verb, ...words].join(' '),
    now,
  });

test('totals stand before the rows, and the next command after them', () => {
  expect(text(list([summary('4bf92f35', { failed: 2 }), summary('0af76519', { duration: 3.25 })]))).toBe(
    [
      'shop/feat-b, last 15 min: 340 traces, 9 with errors; p50 38 ms, p95 410 ms',
      'trace     start     took    spans  errors  root',
      '4bf92f35  11:59:00  412 ms  23     2       api POST /orders',
      '0af76519  11:59:00  3.3 ms  23     0       api POST /orders',
      'next: wt trace 4bf92f35 | wt traces --errors',
    ].join('\n'),
  );
});

test('a filter says how many of all pass it, also when none does', () => {
  const filter = { failed: true, atLeast: 200, service: 'api', text: 'orders' };
  expect(text(list([]), filter).split('\n')).toEqual([
    'shop/feat-b, last 15 min: 340 traces, 9 with errors; p50 38 ms, p95 410 ms',
    '0 of 340 with errors, of at least 200 ms, through api, with "orders"',
    '`wt traces` lists all; `wt traces --since 1d` looks further back',
  ]);
});

test('a period without a trace is 0 traces, and says where to look', () => {
  expect(text(list([], { totals: { traces: 0, failed: 0 } })).split('\n')).toEqual([
    'shop/feat-b, last 15 min: 0 traces',
    '`wt telemetry status` says what arrives; `wt traces --since 1d` looks further back',
  ]);
});

test('where more were found than are looked at, the totals say that they are of the newest', () => {
  expect(text(list([], { cut: true })).split('\n')[0]).toBe(
    'shop/feat-b, last 15 min: more than 340 traces, of the newest 9 with errors; p50 38 ms, p95 410 ms',
  );
});

test('with --all each row has its environment', () => {
  const [, head, row, , next] = text(
    list([summary('4bf92f35'), summary('0af76519', { environment: 'shop/main' })], {
      environment: undefined,
    }),
  ).split('\n');
  expect(head).toMatch(/^environment {2}trace/);
  expect(row).toMatch(/^shop\/feat-b {2}4bf92f35 /);
  expect(next).toBe('next: wt trace 4bf92f35 --env shop/feat-b | wt traces --all --errors');
});

test('what is to be typed next asks for the same environments, and can be typed', () => {
  const named = (found: TraceList) =>
    tracesText(found, {
      filter: any,
      limit: 10,
      tokens: 330,
      line: (verb, ...words) => ['wt', verb, '--env feat-b', ...words].join(' '),
      now,
    })
      .split('\n')
      .at(-1);
  const none = { totals: { traces: 0, failed: 0 } };
  expect(named(list([], none))).toBe(
    '`wt telemetry status` says what arrives; `wt traces --env feat-b --since 1d` looks further back',
  );
  expect(named(list([], { ...none, environment: undefined }))).toBe(
    '`wt telemetry status` says what arrives; `wt traces --all --since 1d` looks further back',
  );
});

test('what a name has of a terminal’s control characters is not obeyed', () => {
  const root = { service: 'api', name: 'GET /\u001b[2Jx\ny' };
  expect(text(list([summary('4bf92f35', { root })]))).toContain('api GET /?[2Jx?y');
});

test('the usual output stays below 400 tokens, whatever the names are', () => {
  const names = ['POST /orders', '/a/very/long/route/'.repeat(20), '注文の作成'.repeat(20), '🚨'.repeat(90)];
  for (const name of names) {
    const rows = Array.from({ length: 500 }, (_, at) =>
      summary(`${at}`.padStart(8, 'f'), { root: { service: 'api', name } }),
    );
    const printed = text(list(rows), any);
    expect(countTokens(printed)).toBeLessThanOrEqual(400);
    expect(printed).toMatch(/the newest \d+:/);
    expect(printed.split('\n').length).toBeGreaterThan(4);
  }
});

test('the document has what the schema says', () => {
  const document = tracesDocument(list([summary('4bf92f35'), summary('0af76519')]), 1);
  expect(schema.parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
  expect(document).toMatchObject({ schema: 1, total: 340, matching: 2, shown: 1 });
});

test('an environment that is gone is marked, also without a trace, and asked about all that is kept', () => {
  const gone = { gone: true, period: { from: now - 31 * 86_400_000, to: now } };
  const none = { ...gone, totals: { traces: 0, failed: 0 } };
  expect(text(list([summary('a')], gone))).toMatch(
    /^shop\/feat-b \(gone; its traces are kept\), all that is kept: 340 traces/,
  );
  expect(text(list([], none))).toContain(
    'shop/feat-b (gone; its traces are kept), all that is kept: 0 traces',
  );
  expect(tracesDocument(list([], none), 10)).toMatchObject({ gone: true, total: 0 });
});
