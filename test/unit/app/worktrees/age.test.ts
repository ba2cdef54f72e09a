import { expect, test } from 'vitest';
import { type Ages, agesAt, deletedNow } from '../../../../app/worktrees/trash/age.ts';
import { running } from '../../../../core/running.ts';

const hour = 3600;
const hours = (count: number) => count * 3_600_000;
/** Seconds since a start of the machine, which macOS does not name. */
const at = (uptime: number, boot?: string) => (boot === undefined ? { uptime } : { uptime, boot });
const entry = (uptime: number, boot?: string, time = '2026-01-01T00:00:00Z') => ({
  id: 'feat',
  deletedAt: { time, ...at(uptime, boot) },
});

/** What is looked at one after another, each time with what the last look left. */
function ageAfter(of: ReturnType<typeof entry>, ...looks: readonly ReturnType<typeof at>[]) {
  let ages: Ages | undefined;
  for (const now of looks) ages = agesAt(now, ages, [of]);
  return ages?.ages.feat;
}

test('while the machine runs its own time counts, whatever the clock says', () => {
  for (const time of ['2001-01-01T00:00:00Z', '2026-01-01T00:00:00Z', '2099-01-01T00:00:00Z', 'sometime'])
    expect(ageAfter(entry(10, 'one', time), at(10 + 73 * hour, 'one'))).toBe(hours(73));
});

test('over a restart only time counts in which the machine was seen to run: a clock that leapt makes nothing old', () => {
  const of = entry(10 * hour, 'one');
  expect(ageAfter(of, at(12 * hour, 'one'), at(1 * hour, 'two'))).toBe(hours(3));
  expect(ageAfter(of, at(12 * hour, 'one'), at(1 * hour, 'two'), at(71 * hour, 'two'))).toBe(hours(73));
  // Nobody looked before the restart.
  expect(ageAfter(of, at(1 * hour, 'two'))).toBe(hours(1));
});

test('where the system does not name its starts, a smaller time is a restart, and a greater one counts at least', () => {
  const of = entry(10 * hour);
  expect(ageAfter(of, at(12 * hour), at(1 * hour))).toBe(hours(3));
  expect(ageAfter(of, at(12 * hour), at(13 * hour))).toBe(hours(3));
});

test('one that an earlier version recorded, without the time that the machine ran, is new at the first look', () => {
  const of = { id: 'feat', deletedAt: { time: '2026-01-01T00:00:00Z' } };
  const first = agesAt(at(500 * hour, 'one'), undefined, [of]);
  expect(first.ages).toEqual({ feat: 0 });
  expect(agesAt(at(501 * hour, 'one'), first, [of]).ages).toEqual({ feat: hours(1) });
});

test('what is deleted now is new, and what is gone is forgotten', () => {
  const now = running();
  const before = agesAt(now, undefined, [{ id: 'old', deletedAt: deletedNow() }]);
  const { ages } = agesAt(now, before, [{ id: 'feat', deletedAt: { time: '', ...now } }]);
  expect(ages).toEqual({ feat: 0 });
});
