import { expect, test } from 'vitest';
import { mergedGroups } from '../../../../servers/telemetry/logs.ts';
import { patternOf } from '../../../../servers/telemetry/pattern.ts';
import {
  isAtLeast,
  levelOfField,
  levelOfSeverity,
  levelOfText,
} from '../../../../servers/telemetry/severity.ts';

test.each([
  ['slow query 833 ms', 'slow query <n> ms'],
  [
    "Cannot read properties of undefined (reading 'id4')",
    "Cannot read properties of undefined (reading 'id<n>')",
  ],
  ['connect ECONNREFUSED 10.42.0.17:5432', 'connect ECONNREFUSED <ip>:<n>'],
  ['order 3f2a9c1b-0000-4000-8000-123456789abc lost', 'order <uuid> lost'],
  ['at 2026-11-30T17:41:16.123Z and 17:41:16', 'at <time> and <time>'],
  ['commit deadbeef01 of 4bf92f3577b34da6a3ce929d0e0e4736', 'commit <hex> of <hex>'],
  ['TypeError: x\n    at a (/app/a.js:1:2)', 'TypeError: x'],
  ['\n\n  first words', 'first words'],
  // As VictoriaLogs' `collapse_nums prettify` writes it.
  ['order <N> to <IP4>:<N> req=<UUID>', 'order <n> to <ip>:<n> req=<uuid>'],
])('the pattern of %j is %j', (text, pattern) => {
  expect(patternOf(text)).toBe(pattern);
  expect(patternOf(pattern)).toBe(pattern);
});

test('groups that are one pattern become one, and problems come first, the newest of them at the top', () => {
  const group = (level: 'error' | 'warn' | 'info' | 'other', pattern: string, last: string, count = 1) => ({
    level,
    namespace: 'wt-shop--main',
    service: 'api',
    pattern,
    count,
    first: last,
    last,
    example: `${pattern} ${last}`,
  });
  const merged = mergedGroups([
    group('info', 'ready', '2026-01-01T00:00:09Z'),
    group('error', 'id<n> lost', '2026-01-01T00:00:01Z', 2),
    group('warn', 'slow', '2026-01-01T00:00:08Z'),
    group('error', 'no table', '2026-01-01T00:00:03Z'),
    group('error', 'id<n> lost', '2026-01-01T00:00:02Z', 3),
  ]);
  expect(merged.map(({ pattern, count }) => [pattern, count])).toEqual([
    ['no table', 1],
    ['id<n> lost', 5],
    ['slow', 1],
    ['ready', 1],
  ]);
  expect(merged[1]).toMatchObject({
    first: '2026-01-01T00:00:01Z',
    last: '2026-01-01T00:00:02Z',
    example: 'id<n> lost 2026-01-01T00:00:02Z',
  });
});

test.each([
  ['TypeError: x is not a function', 'error'],
  ['django.db.utils.OperationalError: no such table', 'error'],
  ['Uncaught Error: boom', 'error'],
  ['2026-01-01 ERROR [main] lost', 'error'],
  ['panic: runtime error', 'error'],
  ['Traceback (most recent call last):', 'error'],
  ['connect ECONNREFUSED 127.0.0.1:5432', 'error'],
  ['[error] it broke', 'error'],
  ['level=error msg="x"', 'error'],
  ['npm ERR! missing script', 'error'],
  ['WARNING: deprecated', 'warn'],
  ['(node:12) DeprecationWarning: punycode', 'warn'],
  ['[warn] careful', 'warn'],
  ['0 errors', 'other'],
  ['GET /errors 200', 'other'],
  ['an error handler was registered', 'other'],
  ['listening on 3000', 'other'],
])('%j without a level counts as %s', (text, level) => {
  expect(levelOfText(text)).toBe(level);
});

test('levels are numbers of OpenTelemetry and pino, and words in any spelling', () => {
  expect([24, 17, 13, 9, 1, 0].map(levelOfSeverity)).toEqual([
    'error',
    'error',
    'warn',
    'info',
    'debug',
    undefined,
  ]);
  expect([60, 50, 40, 30, 20].map(levelOfField)).toEqual(['error', 'error', 'warn', 'info', 'debug']);
  expect(['ERROR', 'Fatal', 'Warning', 'Information', 'E', 'loud'].map(levelOfField)).toEqual([
    'error',
    'error',
    'warn',
    'info',
    'error',
    undefined,
  ]);
  expect(isAtLeast('error', 'warn')).toBe(true);
  expect(isAtLeast('other', 'warn')).toBe(false);
  expect(isAtLeast('other', 'info')).toBe(true);
});
