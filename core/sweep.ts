import { type ErrorCode, hasCode, messageOf } from './errors.ts';

/** Something on a server that environments share, and that nothing needs any more. */
export interface Leftover {
  readonly kind: 'database' | 'template' | 'role' | 'folder' | 'namespace';
  /** As its server names it: `wt_shop__old`, `base/16500`, `wt-shop--old`. */
  readonly name: string;
  /** `there is no environment shop/old` */
  readonly why: string;
}

/** `opened`: a database that an environment needs, and that a killed command had closed. */
export interface SweptLeftover extends Leftover {
  readonly action: 'removed' | 'opened';
}

export interface KeptLeftover extends Leftover {
  /** Why it stays for now. */
  readonly reason: string;
}

/** What a sweep of a shared server did. */
export interface SweepResult {
  readonly done: readonly SweptLeftover[];
  readonly kept: readonly KeptLeftover[];
  /** Why the server could not be swept, or not to the end. */
  readonly problem?: string;
}

export const nothingSwept: SweepResult = { done: [], kept: [] };

/** What became of one leftover. */
export interface Removal<T> {
  readonly what: T;
  /** Why it stays. Undefined when it is gone, or was already. */
  readonly kept: string | undefined;
}

/**
 * Removes one leftover after the other. `remove` looks at it once more, and returns why it stays, undefined when it is
 * gone, or false when it is no leftover by now, which is not reported. One failed removal does not stop the others; a
 * lost connection and Ctrl+C do.
 */
export async function removeEach<T>(
  leftovers: readonly T[],
  remove: (leftover: T) => Promise<string | false | undefined>,
): Promise<Removal<T>[]> {
  const removals: Removal<T>[] = [];
  for (const what of leftovers) {
    const kept = await remove(what).catch((error: unknown) => {
      if (isFinal(error)) throw error;
      return messageOf(error);
    });
    if (kept !== false) removals.push({ what, kept });
  }
  return removals;
}

const finalCodes: readonly ErrorCode[] = ['COPPICE_DATABASE_UNREACHABLE', 'COPPICE_INTERRUPTED'];

function isFinal(error: unknown): boolean {
  return hasCode(error, ...finalCodes);
}

/** Sorts removals into what is done and what stays; `describe` says what each was, and what was done about it. */
export function sweepResult<T>(
  removals: readonly Removal<T>[],
  describe: (what: T) => SweptLeftover,
): SweepResult {
  const done: SweptLeftover[] = [];
  const kept: KeptLeftover[] = [];
  for (const { what, kept: reason } of removals) {
    const { action, ...leftover } = describe(what);
    if (reason === undefined) done.push({ ...leftover, action });
    else kept.push({ ...leftover, reason });
  }
  return { done, kept };
}

/** What several sweeps did, as one. */
export function joinSweeps(all: readonly SweepResult[]): SweepResult {
  const problems = all.flatMap(({ problem }) => problem ?? []);
  return {
    done: all.flatMap(({ done }) => done),
    kept: all.flatMap(({ kept }) => kept),
    ...(problems.length === 0 ? {} : { problem: problems.join('; ') }),
  };
}
