import { interruptedError, pause } from './pause.ts';

/** How far a wait has come. */
export interface Waited {
  /** Looks so far. */
  readonly looks: number;
  /** Milliseconds since it began. */
  readonly elapsed: number;
}

export interface Pace {
  /** Milliseconds between two looks. */
  readonly every: number | ((waited: Waited) => number);
  /** Milliseconds after which it is given up; the first look is made in any case. Without a limit when absent. */
  readonly within?: number;
  /** Looks after which it is given up. Without a limit when absent. */
  readonly looks?: number;
  /** Once aborted, COPPICE_INTERRUPTED is thrown instead of another look. */
  readonly signal?: AbortSignal | undefined;
}

export interface Waiting<T> extends Pace {
  /** Whether what was seen is what is waited for. When absent, anything but undefined and false is. */
  readonly done?: (seen: T) => boolean;
  /** What to throw when it is given up; when absent, the last thing seen is returned. */
  readonly late?: (last: T, waited: Waited) => Error | Promise<Error>;
}

/** A wait that ends with what is waited for or with an error. */
export type Certain<T> = Omit<Waiting<T>, 'done'> &
  ({ readonly within?: never; readonly looks?: never } | Required<Pick<Waiting<T>, 'late'>>);

/** Gets the milliseconds since the wait began. */
export type Look<T> = (elapsed: number) => T | Promise<T>;

export interface Retrying extends Pace {
  /** Which errors mean that the next attempt may succeed. All others are thrown at once. */
  readonly again: (error: unknown, attempts: number) => boolean;
}

/**
 * Looks until it sees what is waited for, and returns that. A look that throws ends the wait.
 * Throws COPPICE_INTERRUPTED, and what `late` says.
 */
export async function until<T>(
  look: Look<T>,
  waiting: Certain<T> & { readonly done?: never },
): Promise<Exclude<T, undefined | false>>;
export async function until<T>(look: Look<T>, waiting: Waiting<T>): Promise<T>;
export async function until<T>(look: Look<T>, waiting: Waiting<T>): Promise<T> {
  const { every, within = Number.POSITIVE_INFINITY, looks = Number.POSITIVE_INFINITY, signal } = waiting;
  const { done = isSomething, late } = waiting;
  const began = performance.now();
  for (let count = 1; ; count += 1) {
    if (signal?.aborted) throw interruptedError(signal);
    const seen = await look(performance.now() - began);
    if (done(seen)) return seen;
    const waited = { looks: count, elapsed: performance.now() - began };
    if (waited.elapsed > within || count >= looks) {
      if (late) throw await late(seen, waited);
      return seen;
    }
    await pause(typeof every === 'number' ? every : every(waited), signal);
  }
}

/** Works until it succeeds; throws the last error when it is given up. Throws COPPICE_INTERRUPTED. */
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
