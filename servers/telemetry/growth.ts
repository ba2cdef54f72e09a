import type { Sample } from './metrics.ts';

/** Where what counts grew by is told by its name, as an expression over several names must. */
export const COUNTER = 'counter';

/** A counter that was out of sight for less, such as while a laptop slept, still counts as the same one. */
const GAP = '1h';
/** Seconds between two looks at whether a counter was reset: the Collector sends its counters as often. */
const LOOK_SECONDS = 5;
const LOOKS = 720;

/**
 * By how much counters grew, exactly: `increase` estimates what it did not see, and 13 requests become 18. It is the last
 * value, minus the one at the beginning of the period (0 for a counter that is younger), plus what the counter had reached
 * each time it was reset. With {@link COUNTER} in `by`, for each name.
 */
export function grown(counter: string, by: readonly string[], seconds: number): string {
  // Series of several names would be one without their names.
  const seen = (offset = '') =>
    `label_replace(last_over_time(${counter}[${GAP}]${offset}), "${COUNTER}", "$1", "__name__", "(.+)")`;
  const look = Math.max(LOOK_SECONDS, Math.ceil(seconds / LOOKS));
  const none = `${seen()} * 0`;
  const before = `(${seen(` offset ${seconds}s`)} * 1 or ${none})`;
  const reached = `(sum_over_time((${seen(` offset ${look}s`)} > ${seen()})[${seconds}s:${look}s]) or ${none})`;
  return `sum by (${by.join(', ')}) (clamp_min(${seen()} - ${before} + ${reached}, 0))`;
}

/** Several questions go as one query, joined by `or`: each answer says by this label which it is. */
const FIGURE = 'figure';

export function named(name: string, query: string): string {
  return `label_replace(${query}, "${FIGURE}", "${name}", "", "")`;
}

export function samplesNamed(samples: readonly Sample[], name: string): Sample[] {
  return samples.filter(({ labels }) => labels[FIGURE] === name);
}
