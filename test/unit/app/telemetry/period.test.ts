import { expect, test } from 'vitest';
import { usualPeriod } from '../../../../app/telemetry/period.ts';

const now = Date.parse('2026-11-30T12:00:00Z');
const minutesAgo = (minutes: number) => now - minutes * 60_000;

test.each([
  ['an environment of yesterday', minutesAgo(1440), minutesAgo(15)],
  ['a young one: an earlier of its name is another story', minutesAgo(4), minutesAgo(4)],
  ['one whose beginning is not known', undefined, minutesAgo(15)],
  ['one that a clock ahead of ours made', minutesAgo(-2), now - 1],
])('the usual period of %s', (_, created, from) => {
  expect(usualPeriod(created, now)).toEqual({ from, to: now });
});
