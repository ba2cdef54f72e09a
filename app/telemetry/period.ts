import { milliseconds } from '../../config/spec/lifetime.ts';
import { CoppiceError } from '../../core/errors.ts';
import type { Period } from '../../servers/telemetry/traces.ts';

/** Milliseconds that a question goes back which names no time. */
const USUAL_MS = 15 * 60_000;

/**
 * The usual 15 minutes, but not before the environment was created (undefined where that is not known): an earlier one of
 * the same name is another story.
 */
export function usualPeriod(created: number | undefined, now: number): Period {
  return { from: Math.min(now - 1, Math.max(created ?? 0, now - USUAL_MS)), to: now };
}

/**
 * From `since` to now: `30s`, `15m`, `2h`, `1d`, or a time such as `2026-11-30T17:00` or `17:00`, which is today. Throws
 * COPPICE_USAGE.
 */
export function periodSince(since: string, now: number): Period {
  const from = beginning(since, now);
  if (from !== undefined && from < now) return { from, to: now };
  const what =
    from === undefined ? `--since takes a time, not ${since}` : `--since ${since} is in the future`;
  throw new CoppiceError('COPPICE_USAGE', what, {
    hint: '--since 15m, 2h or 1d, or a time such as 2026-11-30T17:00',
  });
}

function beginning(since: string, now: number): number | undefined {
  const back = milliseconds(since);
  if (back !== undefined) return back > 0 ? now - back : undefined;
  const time = /^\d{1,2}:\d{2}(:\d{2})?$/.test(since) ? today(since, now) : Date.parse(since);
  return /^\d+$/.test(since) || Number.isNaN(time) ? undefined : time;
}

function today(clock: string, now: number): number {
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(':').map(Number);
  return hours > 23 || minutes > 59 || seconds > 59
    ? Number.NaN
    : new Date(now).setHours(hours, minutes, seconds, 0);
}

/** Milliseconds in `200ms`, `1.5s`, `2m` or `200`, which are milliseconds; undefined for what is no duration. */
export function durationIn(text: string): number | undefined {
  const [, figure, unit = 'ms'] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  if (figure === undefined) return undefined;
  return Number(figure) * { ms: 1, s: 1000, m: 60_000 }[unit as 'ms' | 's' | 'm'];
}
