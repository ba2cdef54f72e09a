import { age, duration } from '../../core/text/duration.ts';

/** Milliseconds of a span: `0.4 ms`, `38 ms`, `1.2 s`. */
export function took(milliseconds: number): string {
  return milliseconds > 0 && milliseconds < 9.95 ? `${milliseconds.toFixed(1)} ms` : duration(milliseconds);
}

/**
 * The time of day on this machine, of milliseconds since 1970, with the day where that is not today: `17:41:16`,
 * `11-29 17:41:16`. Nothing for a time that is none.
 */
export function clock(time: number, now: number): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return '';
  const two = (figure: number) => String(figure).padStart(2, '0');
  const hour = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
  const today = new Date(now).toDateString() === at.toDateString();
  return today ? hour : `${two(at.getMonth() + 1)}-${two(at.getDate())} ${hour}`;
}

/** A whole number: `12,345`. Intl, which writes the same, reads its tables for 10 ms when it is first used. */
export function figure(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** Figure and noun: `1 trace`, `12,345 traces`. */
export function many(count: number, what: string): string {
  return `${figure(count)} ${what}${count === 1 ? '' : 's'}`;
}

const DAYS_MS = 86_400_000;

/** How long a period is, and its end where that is not now (milliseconds since 1970): `last 15 min`, `15 min until 17:41:16`. */
export function periodText(
  { from, to }: { readonly from: number; readonly to: number },
  now: number,
): string {
  if (now - to > 60_000) return `${age(to - from)} until ${clock(to, now)}`;
  return now - from > 30 * DAYS_MS ? 'all that is kept' : `last ${age(now - from)}`;
}
