import { expect, test } from 'vitest';
import { environmentLimits, telemetryLimits } from '../../../core/telemetry-limits.ts';

/** A whole day may come at once, and then a day's part on each day. */
const within = (perDayMib: number, days: number) => perDayMib * (days + 1);

test.each([
  ['logs', 2],
  ['traces', telemetryLimits.traces.days + 1],
] as const)('fifty environments at their limits stay below the ceiling of %s', (store, days) => {
  const { ownMib, sharedMib } = environmentLimits[store];
  expect(within(50 * ownMib + sharedMib, days)).toBeLessThanOrEqual(telemetryLimits[store].diskMib);
});

test.each(['logs', 'traces'] as const)('one alone never has more than half of the store of %s', (store) => {
  const { ownMib, mostMib } = environmentLimits[store];
  const { days, diskMib } = telemetryLimits[store];
  expect(within(ownMib + mostMib, days)).toBeLessThanOrEqual(diskMib / 2);
  expect(Math.min(ownMib, mostMib)).toBeGreaterThan(0);
});
