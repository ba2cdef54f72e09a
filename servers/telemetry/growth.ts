import type { Sample } from './metrics.ts';

/**
 * By how much counters grew: also those that began in the period, whose first value `increase` does not count. Both sides
 * have every series of the period, so that none is lost in the sum.
 */
export function grown(counter: string, by: readonly string[], seconds: number): string {
  const range = `[${seconds}s]`;
  const first = `min_over_time(${counter}${range})`;
  const sum = (what: string) => `sum by (${by.join(', ')}) (${what} or ${first} * 0)`;
  return `${sum(`increase(${counter}${range})`)} + ${sum(`(${first} unless ${counter} offset ${seconds}s)`)}`;
}

/** Several questions go as one query, joined by `or`: each answer says by this label which it is. */
const FIGURE = 'figure';

export function named(name: string, query: string): string {
  return `label_replace(${query}, "${FIGURE}", "${name}", "", "")`;
}

export function samplesNamed(samples: readonly Sample[], name: string): Sample[] {
  return samples.filter(({ labels }) => labels[FIGURE] === name);
}
