import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, test } from 'vitest';
import type { LogsAnswer, LogsQuestion } from '../../../../../app/environments/ask-logs.ts';
import { wholeDocument } from '../../../../../cli/ui/logs/document.ts';
import { logsReport } from '../../../../../cli/ui/logs/report.ts';
import { logsDocument } from '../../../../../cli/ui/logs/schema.ts';
import { oneLine } from '../../../../../cli/ui/logs/words.ts';
import { type LogGroup, type StoredLine, totalsOf } from '../../../../../servers/telemetry/logs.ts';
import type { Level } from '../../../../../servers/telemetry/severity.ts';

const name = { app: 'shop', slug: 'feat-login', namespace: 'wt-shop--feat-login' };
const to = new Date(2026, 0, 2, 12, 0, 0);
const at = (minutes: number) => new Date(to.getTime() - minutes * 60_000).toISOString();
const about = { name, gone: false, from: new Date(at(15)), to };
const question: LogsQuestion = { target: {}, words: [], all: false };
const look = { question, full: false };
const trace = '4bf92f3577b34da6a3ce929d0e0e4736';

function group(level: Level, example: string, count: number, more: Partial<LogGroup> = {}): LogGroup {
  const { namespace } = name;
  const times = { first: at(10), last: at(2) };
  return { level, namespace, service: 'api', pattern: example, count, ...times, example, ...more };
}

function groupsOf(groups: readonly LogGroup[], total = 0): LogsAnswer {
  const matched = totalsOf(groups.map(({ level, count }) => [level, count]));
  const totals = total === 0 ? matched : totalsOf([['info', total]]);
  return { ...about, kind: 'groups', totals, matched, groups };
}

const stack = `TypeError: Cannot read properties of undefined (reading 'id')
    at Object.get (node:internal/modules:1:2)
    at next (/app/node_modules/express/lib/router.js:1:2)
    at handler (/app/src/orders.js:10:7)`;

const usual = [
  group('error', 'POST /orders 500: relation "orders" does not exist', 9, { traceId: trace }),
  group('error', stack, 4, { service: 'worker' }),
  group('warn', 'slow query 833 ms', 121),
  group('info', 'GET /items/12 200 in 4ms', 1_980),
];

test('says totals first, then problems with count, times, place and trace, then what to type next', () => {
  const text = logsReport(groupsOf(usual), look);
  expect(text.split('\n')).toEqual([
    'shop/feat-login  last 15 m  2,114 lines: 1,980 info, 121 warn, 13 error',
    '  n      level  service  first     last      message (last one)',
    '  9      ERR    api      11:50:00  11:58:00  POST /orders 500: relation "orders" does not exist  trace 4bf92f35',
    "  4      ERR    worker   11:50:00  11:58:00  TypeError: Cannot read properties of undefined (reading 'id') at /app/src/orders.js:10:7",
    '  121    WRN    api      11:50:00  11:58:00  slow query 833 ms',
    '  1,980  INF    api      11:50:00  11:58:00  GET /items/12 200 in 4ms',
    'next: wt trace 4bf92f35 | wt logs api --level error -C 3',
  ]);
  expect(countTokens(text)).toBeLessThanOrEqual(600);
});

test('names how many of all lines were meant, and never says nothing', () => {
  expect(logsReport(groupsOf(usual.slice(0, 1), 2_114), look)).toMatch(
    /^shop\/feat-login {2}last 15 m {2}9 of 2,114 lines: 9 error\n/,
  );
  expect(logsReport(groupsOf([], 2_114), look)).toBe(
    'shop/feat-login  last 15 m  0 of 2,114 lines: 2,114 info\nnext: wt logs | wt logs --since 1d',
  );
  expect(
    logsReport(groupsOf([]), { ...look, question: { ...question, target: { environment: 'feat/b' } } }),
  ).toBe('shop/feat-login  last 15 m  0 lines\nnext: wt status feat/b | wt logs --env feat/b --since 1d');
});

test('marks an environment that is gone, and names each one among all', () => {
  expect(logsReport({ ...groupsOf(usual), gone: true }, look)).toContain(
    'shop/feat-login (gone; its logs are kept)  last',
  );
  const { name: _, ...others } = groupsOf(usual) as Extract<LogsAnswer, { kind: 'groups' }>;
  const text = logsReport(others, look);
  expect(text).toMatch(/^all environments {2}/);
  expect(text).toContain('ERR    shop/feat-login  api');
});

test('of a quiet environment says what a longer period has', () => {
  const kept = { from: new Date(at(3 * 60)), totals: totalsOf([['info', 1_200]]) };
  expect(logsReport({ ...groupsOf([]), kept }, look)).toBe(
    'shop/feat-login  last 15 m  0 lines; the last 3 h: 1,200 lines: 1,200 info\nnext: wt logs --since 3h',
  );
  const gone = { ...groupsOf([]), gone: true, kept: { ...kept, from: new Date(at(31 * 24 * 60)) } };
  expect(logsReport(gone, look)).toMatch(
    /^shop\/feat-login \(gone; its logs are kept\) .* 0 lines; all that is kept: 1,200 lines/,
  );
});

test('says when the environment was created, where the period begins before', () => {
  const began = new Date(at(10));
  expect(logsReport({ ...groupsOf(usual), began }, look)).toContain(
    'last 15 m (it was created at 11:50:00)  2,',
  );
});

describe('a printed command', () => {
  const asked: LogsQuestion = { ...question, words: ['api', 'no table'], level: 'warn', since: '3h' };
  const lineOf = (one: Partial<LogsQuestion>, answer: LogsAnswer) =>
    logsReport(answer, { ...look, question: { ...asked, ...one } })
      .split('\n')
      .at(-1);

  test('for a group of all environments names its environment', () => {
    const { name: _, ...all } = groupsOf(usual) as Extract<LogsAnswer, { kind: 'groups' }>;
    expect(lineOf({ all: true }, { ...all, text: 'no table' })).toBe(
      "next: wt trace 4bf92f35 --env shop/feat-login | wt logs api 'no table' --env shop/feat-login --level error --since 3h -C 3",
    );
  });

  test('that shows more asks for the same', () => {
    const many = Array.from({ length: 200 }, (_, n) => group('info', `${n} ${'word '.repeat(20)}`, 1));
    expect(lineOf({ all: true }, groupsOf(many))).toMatch(
      /more patterns .*: wt logs api 'no table' --level warn --since 3h --all --full$/,
    );
    expect(lineOf({}, groupsOf([], 7))).toBe(
      "next: wt logs --since 3h | wt logs api 'no table' --level warn --since 1d",
    );
    expect(lineOf({ all: true }, groupsOf([]))).toBe(
      "next: wt logs api 'no table' --level warn --since 1d --all",
    );
  });
});

const words = [
  'orders',
  'ECONNREFUSED',
  '10.42.0.17:5432',
  '4bf92f3577b34da6',
  'chargeCard',
  'ΩΩΩ',
  '"id":7',
];
const noisy = (seed: number) =>
  Array.from({ length: 60 }, (_, at) => words[(at * seed) % words.length]).join(' ');

describe('a noisy environment', () => {
  const groups = Array.from({ length: 300 }, (_, n) =>
    group('error', `${n} ${noisy(n + 1)}\n    at x (/app/x.js:1:${n})`, 300 - n, { traceId: trace }),
  );

  test('takes at most 600 tokens, and says what it leaves out', () => {
    const text = logsReport(groupsOf(groups), look);
    expect(countTokens(text)).toBeLessThanOrEqual(600);
    expect(text).toMatch(/… \d+ more patterns \([\d,]+ lines\): wt logs --full\nnext: /);
  });

  test('is whole with --full', () => {
    const text = logsReport(groupsOf(groups), { ...look, full: true });
    expect(text.split('\n')).toHaveLength(303);
    expect(text).toContain(noisy(300));
  });

  const lines: StoredLine[] = groups.map(({ example }, n) => ({
    time: at(300 - n),
    namespace: name.namespace,
    service: 'api',
    level: 'error',
    text: example,
    fields: {},
  }));

  test('lines in order take at most 2,000 tokens, and the newest are there', () => {
    const totals = totalsOf([['error', 300]]);
    const text = logsReport({ ...about, kind: 'lines', totals, matched: totals, lines }, look);
    expect(countTokens(text)).toBeLessThanOrEqual(2_000);
    expect(text).toMatch(/… \d+ earlier lines: wt logs --raw --full\n/);
    expect(text.split('\n').at(-1)).toContain('299 ');
  });

  test('rows of a query take at most 2,000 tokens', () => {
    const totals = totalsOf([['error', 300]]);
    const rows = groups.map(({ example }) => ({ _msg: example, n: '7' }));
    const text = logsReport({ ...about, kind: 'rows', totals, rows }, look);
    expect(countTokens(text)).toBeLessThanOrEqual(2_000);
    expect(text).toContain('300 rows');
  });

  test('documents are as the schema says', () => {
    const totals = totalsOf([['error', 300]]);
    const answers: LogsAnswer[] = [
      groupsOf(groups),
      { ...about, kind: 'lines', totals, matched: totals, lines },
      { ...about, kind: 'rows', totals, rows: [{ n: '1' }] },
      { ...groupsOf([]), began: about.from, kept: { from: about.from, totals } },
    ];
    for (const answer of answers) {
      const document: unknown = JSON.parse(JSON.stringify(wholeDocument(answer)));
      expect(logsDocument.parse(document)).toEqual(document);
    }
  });
});

test('one line of a record has no control characters, its first line, and the place in the app', () => {
  expect(oneLine('\u001b[31mred\u001b[0m\u0001\nmore\nand more', 160)).toBe('red? (+2 lines)');
  expect(oneLine('x'.repeat(1_000_000), 160)).toHaveLength(160);
  expect(oneLine(stack, undefined)).toContain('at /app/src/orders.js:10:7');
});
