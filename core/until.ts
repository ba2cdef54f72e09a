import { interruptedError, pause } from './pause.ts';

/** The progress of a wait. */
export interface Waited {
  /** Attempts so far. */
  readonly attempts: number;
  /** Milliseconds since it began. */
  readonly elapsed: number;
}

export interface Pace {
  /** Milliseconds between two attempts. */
  readonly every: number | ((waited: Waited) => number);
  /** Milliseconds until it gives up; there is always a first attempt. Unlimited when absent. */
  readonly within?: number;
  /** Attempts until it gives up. Unlimited when absent. */
  readonly attempts?: number;
  /** When aborted, COPPICE_INTERRUPTED is thrown instead of another attempt. */
  readonly signal?: AbortSignal | undefined;
}

export interface Waiting<T> extends Pace {
  /** Whether the result ends the wait. When absent, anything but undefined and false does. */
  readonly done?: (seen: T) => boolean;
  /** The error to throw when it gives up; when absent, the last result is returned. */
  readonly late?: (last: T, waited: Waited) => Error | Promise<Error>;
}

/** A wait that ends with the expected result or with an error. */
export type Certain<T> = Omit<Waiting<T>, 'done'> &
  ({ readonly within?: never; readonly attempts?: never } | Required<Pick<Waiting<T>, 'late'>>);

/** Receives the milliseconds since the wait began. */
export type Attempt<T> = (elapsed: number) => T | Promise<T>;

export interface Retrying extends Pace {
  /** Which errors are worth another attempt. All others are thrown at once. */
  readonly again: (error: unknown, attempts: number) => boolean;
}

/**
 * Polls until the result is as expected, and returns it. An error ends the wait. Throws COPPICE_INTERRUPTED, and the
 * error of `late`.
 */
export async function until<T>(
  attempt: Attempt<T>,
  waiting: Certain<T> & { readonly done?: never },
): Promise<Exclude<T, undefined | false>>;
export async function until<T>(attempt: Attempt<T>, waiting: Waiting<T>): Promise<T>;
export async function until<T>(attempt: Attempt<T>, waiting: Waiting<T>): Promise<T> {
  const { every, within = Number.POSITIVE_INFINITY, attempts = Number.POSITIVE_INFINITY, signal } = waiting;
  const { done = isSomething, late } = waiting;
  const began = performance.now();
  for (let count = 1; ; count += 1) {
    if (signal?.aborted) throw interruptedError(signal);
    const seen = await attempt(performance.now() - began);
    if (done(seen)) return seen;
    const waited = { attempts: count, elapsed: performance.now() - began };
    if (waited.elapsed > within || count >= attempts) {
      if (late) throw await late(seen, waited);
      return seen;
    }
    await pause(typeof every === 'number' ? every : every(waited), signal);
  }
}

/** Retries until it succeeds; throws the last error when it gives up. Throws COPPICE_INTERRUPTED. */
export async function retry<T>(work: () => Promise<T>, { again, ...pace }: Retrying): Promise<T> {
  let attempts = 0;
  const attempt = async () => {
    attempts += 1;
    try {
      return { result: await work() };
    } catch (error) {
      if (!again(error, attempts)) throw error;
      return { error };
    }
  };
  const last = await until<{ result: T } | { error: unknown }>(attempt, {
    ...pace,
    done: (outcome) => 'result' in outcome,
  });
  if ('result' in last) return last.result;
  throw last.error;
}

function isSomething(seen: unknown): boolean {
  return seen !== undefined && seen !== false;
}
