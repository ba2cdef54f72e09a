import { span } from './words.ts';

/** Milliseconds by which clocks are set right every day. */
export const clockTolerance = 5 * 60_000;
/** How long ages are counted as before a leap of the clock: a day shows whether it stays. */
const doubtFor = 86_400_000;

/** A moment by two clocks: the one that people set, and the one that only runs. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds since this machine was started, sleep included. */
  readonly uptime: number;
  /** Tells one start of the machine from another; absent where the system does not say. */
  readonly boot?: string;
}

/** What a run of gc leaves for the next one. */
export interface LastRun extends Moment {
  /** The clock leapt ahead: by how many milliseconds at most, and when that was found. */
  readonly leap?: { readonly by: number; readonly found: number };
}

export interface ClockFacts {
  readonly now: Moment;
  readonly lastRun?: LastRun;
  /** Times at which something happened on this machine, in milliseconds since 1970. */
  readonly signs: readonly number[];
}

export interface Clock {
  readonly now: number;
  /**
   * Ages are counted up to here: not later than `now`, and not later than what is sure to have been reached. A clock
   * that leapt ahead makes everything look old; nothing is older than the time that passed with a sign of it.
   */
  readonly until: number;
  /** Why that is noticeably earlier than `now`. */
  readonly doubt?: string;
  /** To be kept for the next run. */
  readonly run: LastRun;
}

/** Pure: judges whether the clock can be believed. */
export function judgeClock({ now, lastRun, signs }: ClockFacts): Clock {
  const found = leapOf({ now, signs, ...(lastRun && { lastRun }) });
  const carried = carriedLeap(now.at, lastRun);
  const leap = (found?.by ?? 0) >= (carried?.by ?? 0) ? found : carried;
  const { at, uptime, boot } = now;
  const run = { at, uptime, ...(boot !== undefined && { boot }), ...(leap && { leap }) };
  if (leap === undefined) return { now: at, until: at, run };
  const doubt = `the clock may have leapt ahead by ${span(leap.by)}: nothing shows that this time passed, so it counts for no age until a day later`;
  return { now: at, until: at - leap.by, doubt, run };
}

function leapOf({ now, lastRun, signs }: ClockFacts): LastRun['leap'] {
  const byUptime = lastRun === undefined ? undefined : leapByUptime(now, lastRun);
  // The other clock knows how much time has passed; signs are only needed where it was restarted.
  const since = byUptime ?? now.at - Math.max(...pastSigns(now.at, lastRun, signs));
  // Without any sign no time is known to have passed.
  return since > clockTolerance ? { by: since, found: now.at } : undefined;
}

/** Undefined where the machine was started again in between. Never negative: a clock that went back makes all younger. */
function leapByUptime(now: Moment, last: LastRun): number | undefined {
  if (now.boot === undefined || now.boot !== last.boot || now.uptime < last.uptime) return undefined;
  return Math.max(0, now.at - last.at - (now.uptime - last.uptime));
}

function pastSigns(now: number, lastRun: LastRun | undefined, signs: readonly number[]): number[] {
  const known = lastRun === undefined ? signs : [...signs, lastRun.at];
  return known.filter((at) => at <= now + clockTolerance).map((at) => Math.min(at, now));
}

function carriedLeap(now: number, lastRun: LastRun | undefined): LastRun['leap'] {
  const leap = lastRun?.leap;
  if (leap === undefined) return undefined;
  const passed = now - leap.found;
  // A clock that went back was set right.
  return passed >= 0 && passed < doubtFor ? leap : undefined;
}
