import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, test } from 'vitest';
import { boundedDocument } from '../../../../../cli/ui/telemetry/bounded.ts';
import { traceDocument as schema } from '../../../../../cli/ui/telemetry/schema.ts';
import { traceDocument, traceText } from '../../../../../cli/ui/telemetry/trace.ts';
import type { Span } from '../../../../../servers/telemetry/traces.ts';
import { span, traceOf } from '../../../app/telemetry/spans.ts';

const now = new Date(1970, 0, 1, 12).getTime();
const shown = (...spans: [Span, ...Span[]]) => ({
  environment: 'shop/feat-b',
  gone: false,
  trace: traceOf(...spans),
});
const text = (tokens: number, ...spans: [Span, ...Span[]]) =>
  traceText(shown(...spans), { tokens, now, whole: 'wt trace 4bf92f35 --full' });

const stack = [
  'QueryFailedError: relation "orders" does not exist',
  '    at Parser.parseErrorMessage (/app/node_modules/pg-protocol/dist/parser.js:285:98)',
  '    at insertOrder (/app/src/orders.ts:17:9)',
  '    at /app/src/routes.ts:40:3',
  '    at next (/app/node_modules/express/lib/router/route.js:149:13)',
].join('\n');

const order: [Span, ...Span[]] = [
  span('POST /orders', {
    duration: 412,
    failed: true,
    attributes: { 'http.response.status_code': '500', 'user_agent.original': 'curl' },
  }),
  span('INSERT orders', {
    parent: 'POST /orders',
    start: 3,
    duration: 9,
    failed: true,
    attributes: { 'db.query.text': 'INSERT INTO orders\n  (id) VALUES ($1)' },
    events: [
      {
        name: 'exception',
        attributes: {
          'exception.type': 'QueryFailedError',
          'exception.message': 'relation "orders" does not exist',
          'exception.stacktrace': stack,
        },
      },
    ],
  }),
  span('chargeCard', { parent: 'POST /orders', service: 'worker', start: 60, duration: 350 }),
  span('publish', { parent: 'POST /orders', service: 'worker', start: 62, duration: 5 }),
];

test('a trace is a tree with its critical path, and attributes only where something failed', () => {
  expect(text(600, ...order).split('\n')).toEqual([
    expect.stringMatching(/^4bf92f35 of shop\/feat-b at .*: 412 ms, 4 spans, 2 failed; api, worker; \* is/),
    '* api POST /orders  412 ms  FAILED',
    '    HTTP 500',
    '*   (48 ms in which nothing below it ran)',
    '*   api INSERT orders  9.0 ms  FAILED',
    '      QueryFailedError: relation "orders" does not exist',
    '      SQL INSERT INTO orders (id) VALUES ($1)',
    '      at Parser.parseErrorMessage (/app/node_modules/pg-protocol/dist/parser.js:285:98)',
    '      at insertOrder (/app/src/orders.ts:17:9)',
    '      at /app/src/routes.ts:40:3',
    '*   worker chargeCard  350 ms',
    '    worker publish  5.0 ms',
  ]);
});

test('children alike, in which nothing failed, are one row, on the path and beside it', () => {
  const times = (name: string, count: number, given: (at: number) => object) =>
    Array.from({ length: count }, (_, at) => span(`${name}${at}`, { name, parent: 'root', ...given(at) }));
  const lines = text(
    600,
    span('root', { duration: 100 }),
    ...times('SELECT', 40, (at) => ({ start: at * 2.5, duration: 2.5 })),
    ...times('publish', 30, () => ({ start: 1, duration: 1 })),
    ...times('twice', 2, () => ({ start: 1, duration: 1 })),
  ).split('\n');
  expect(lines.slice(1)).toEqual([
    '* api root  100 ms',
    '*   api SELECT  40 times, 100 ms together, longest 2.5 ms',
    '    api publish  30 times, 30 ms together, longest 1.0 ms',
    '    api twice  1.0 ms',
    '    api twice  1.0 ms',
  ]);
});

test('a span whose parent is not here says so', () => {
  expect(text(600, span('a'), span('b', { parent: 'elsewhere' }))).toContain(
    'api b  10 ms  (its parent is not here)',
  );
});

test('spans of other environments are counted and not told', () => {
  const trace = { ...traceOf(span('a')), foreign: 2 };
  expect(
    traceText({ environment: 'shop/feat-b', gone: false, trace }, { tokens: 600, now, whole: '' }),
  ).toContain('; 2 spans of other environments not shown');
});

test('a text that came over the net cannot move the cursor', () => {
  const attributes = { 'exception.message': 'a\u001b]0;title\u0007b' };
  expect(text(600, span('a\u001b[31m', { failed: true, attributes }))).not.toMatch(/(?!\n)\p{Cc}/u);
});

/** Wide and deep, with a failure far down. */
function large(): [Span, ...Span[]] {
  const spans: [Span, ...Span[]] = [span('root', { duration: 20_000 })];
  for (let at = 0; at < 9_000; at += 1)
    spans.push(
      span(`w${at}`, { name: `GET /items/${at}`, parent: 'root', start: at, duration: (at * 7) % 1000 }),
    );
  for (let at = 0; at < 998; at += 1)
    spans.push(span(`d${at}`, { parent: at === 0 ? 'root' : `d${at - 1}`, start: at, duration: 5 }));
  spans.push(
    span('deep', {
      parent: 'w5000',
      start: 5000,
      failed: true,
      attributes: { 'exception.type': 'Error', 'exception.message': 'no space left on device' },
    }),
  );
  return spans;
}

test('of 10,000 spans the usual output has what failed, in at most 800 tokens', () => {
  const spans = large();
  expect(spans).toHaveLength(10_000);
  const printed = text(600, ...spans);
  expect(countTokens(printed)).toBeLessThanOrEqual(800);
  expect(printed).toContain('Error: no space left on device');
  expect(printed).toContain('api GET /items/5000');
  expect(printed).toMatch(/9,\d{3} spans more: wt trace 4bf92f35 --full$/);
});

test('thousands of failures stay in the budget too', () => {
  const failing = Array.from({ length: 3_000 }, (_, at) =>
    span(`f${at}`, {
      parent: 'root',
      failed: true,
      attributes: {
        'exception.message': '接続できません🚨'.repeat(50),
        'db.statement': 'SELECT 1;'.repeat(90),
      },
    }),
  );
  expect(countTokens(text(600, span('root', { failed: true }), ...failing))).toBeLessThanOrEqual(800);
});

test('the document has what the schema says, with attributes of failed spans alone', () => {
  const document = traceDocument(shown(...order));
  expect(schema.parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
  expect(document.spans.map((one) => [one.name, one.critical, one.attributes !== undefined])).toEqual([
    ['POST /orders', true, true],
    ['INSERT orders', true, true],
    ['chargeCard', true, false],
    ['publish', false, false],
  ]);
});

test('a document that is too long has its first spans, and the file with the whole', async () => {
  const document = traceDocument(shown(...large()));
  const written: string[] = [];
  const bounded = await boundedDocument(document, 'spans', async (whole) => {
    written.push(whole);
    return '/data/trace.json';
  });
  expect(JSON.parse(written[0] ?? '')).toEqual(JSON.parse(JSON.stringify(document)));
  const printed = schema.parse(JSON.parse(JSON.stringify(bounded)));
  expect(printed).toMatchObject({ file: '/data/trace.json', total: 10_000, shown: printed.spans.length });
  expect(JSON.stringify(bounded).length).toBeLessThan(33_000);
});

test('the log lines of the trace stand below it, errors before the rest', () => {
  const line = (level: 'info' | 'error', text: string) => ({
    time: '2026-11-30T12:00:00Z',
    namespace: 'wt-shop--feat-b',
    service: 'api',
    level,
    text,
    fields: {},
  });
  const lines = [
    line('error', 'boom\n    at x'),
    ...['one', 'two', 'three', 'four'].map((text) => line('info', text)),
  ];
  const printed = traceText({ ...shown(...order), lines }, { tokens: 480, now, whole: '' }).split('\n');
  expect(printed.slice(-5)).toEqual([
    '5 log lines, 1 of errors:',
    '  error api: boom',
    '  info api: two',
    '  info api: three',
    '  info api: four',
  ]);
  const long = Array.from({ length: 50 }, () => line('error', '接続できません🚨'.repeat(50)));
  const whole = traceText(
    { ...shown(...large()), lines: long },
    { tokens: 480, now, whole: 'wt trace 4bf92f35 --full' },
  );
  expect(countTokens(whole)).toBeLessThanOrEqual(800);
});

test('that its environment is gone is said, and in the document', () => {
  const gone = { ...shown(...order), gone: true };
  expect(traceText(gone, { tokens: 480, now, whole: '' })).toMatch(
    /of shop\/feat-b \(gone; its traces are kept\) at /,
  );
  expect(traceDocument(gone)).toMatchObject({ environment: 'shop/feat-b', gone: true });
});
