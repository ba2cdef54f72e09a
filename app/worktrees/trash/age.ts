import { uptime } from 'node:os';
import { bootId } from '../../../core/boot-id.ts';

/** When something happened, by the clock and by what no change of the clock affects. */
export interface Moment {
  /** ISO time. */
  readonly time: string;
  /** Which start of the machine; absent where the system does not tell. */
  readonly boot?: string;
  /** Seconds since that start. */
  readonly uptime?: number;
}

/** How long a deleted worktree can be brought back: as long as `wt db undo` keeps a database. */
export const KEPT_MS = 72 * 3600 * 1000;

export function momentNow(): Moment {
  const time = new Date().toISOString();
  const boot = bootId();
  return boot === undefined ? { time } : { time, boot, uptime: uptime() };
}

/**
 * Milliseconds between two moments: by the seconds since the machine's start where both are of one, so that a clock that
 * jumped makes nothing old; otherwise by the clock. Negative for what seems to be from the future.
 */
function ageOf(then: Moment, now: Moment): number {
  const elapsed = Date.parse(now.time) - Date.parse(then.time);
  if (then.boot === undefined || then.boot !== now.boot) return elapsed;
  return ((now.uptime ?? 0) - (then.uptime ?? 0)) * 1000;
}

/** Whether it can no longer be brought back. A time that cannot be read makes nothing old. */
export function isExpired(then: Moment, now: Moment): boolean {
  return ageOf(then, now) > KEPT_MS;
}
