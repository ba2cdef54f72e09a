import { expect, test } from 'vitest';
import { isExpired, momentNow } from '../../../../app/worktrees/trash/age.ts';

const hour = 3600;
const at = (time: string, boot?: string, uptime?: number) =>
  boot === undefined ? { time } : { time, boot, uptime: uptime ?? 0 };

test('after 72 hours it is expired, by the clock where the machine was restarted', () => {
  const then = at('2026-01-01T00:00:00Z', 'one', 10);
  expect(isExpired(then, at('2026-01-03T23:59:59Z', 'two', 5))).toBe(false);
  expect(isExpired(then, at('2026-01-04T00:00:01Z', 'two', 5))).toBe(true);
});

test('a clock that jumped ahead makes nothing old', () => {
  const then = at('2026-01-01T00:00:00Z', 'one', 10);
  expect(isExpired(then, at('2031-01-01T00:00:00Z', 'one', 10 + hour))).toBe(false);
  expect(isExpired(then, at('2026-01-01T00:00:01Z', 'one', 10 + 73 * hour))).toBe(true);
});

test('what is from the future, or has no time that can be read, is not expired', () => {
  expect(isExpired(at('2030-01-01T00:00:00Z'), at('2026-01-01T00:00:00Z'))).toBe(false);
  expect(isExpired(at('sometime'), at('2026-01-01T00:00:00Z'))).toBe(false);
});

test('the present is not expired', () => {
  expect(isExpired(momentNow(), momentNow())).toBe(false);
});
