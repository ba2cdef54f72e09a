import { type ErrorCode, hasCode, messageOf } from './errors.ts';

/** Something on a server shared by environments that is no longer needed. */
export interface Leftover {
  readonly kind: 'database' | 'template' | 'role' | 'folder' | 'namespace';
  /** As its server names it: `wt_shop__old`, `base/16500`, `wt-shop--old`. */
  readonly name: string;
  /** `there is no environment shop/old` */
  readonly why: string;
}

/** `opened`: a database that an environment needs, left closed by a killed command. */
export interface ResolvedLeftover extends Leftover {
  readonly action: 'removed' | 'opened';
}

export interface KeptLeftover extends Leftover {
  /** Why it stays for now. */
  readonly reason: string;
}

/** The result of sweeping a shared server. */
export interface SweepResult {
  readonly done: readonly ResolvedLeftover[];
  readonly kept: readonly KeptLeftover[];
  /** Why the server could not be swept, or not completely. */
  readonly problem?: string;
}

export const emptySweep: SweepResult = { done: [], kept: [] };

/** The result for one leftover. */
export interface Removal<T> {
  readonly what: T;
  /** Why it stays. Undefined when it is gone, also if it was gone already. */
  readonly kept: string | undefined;
}

/**
 * Removes one leftover after the other. `remove` checks it again, and returns why it stays, undefined when it is gone,
 * or false when it is no longer a leftover, which is not reported. One failed removal does not stop the others; a lost
 * connection and Ctrl+C do.
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

const finalCodes: readonly ErrorCode[] = [
  'COPPICE_DATABASE_UNREACHABLE',
  'COPPICE_TEMPORAL_UNREACHABLE',
  'COPPICE_INTERRUPTED',
];

function isFinal(error: unknown): boolean {
  return hasCode(error, ...finalCodes);
}

/** Sorts removals into done and kept; `describe` names the leftover and the action taken. */
export function sweepResult<T>(
  removals: readonly Removal<T>[],
  describe: (what: T) => ResolvedLeftover,
): SweepResult {
  const done: ResolvedLeftover[] = [];
  const kept: KeptLeftover[] = [];
  for (const { what, kept: reason } of removals) {
    const { action, ...leftover } = describe(what);
    if (reason === undefined) done.push({ ...leftover, action });
    else kept.push({ ...leftover, reason });
  }
  return { done, kept };
}

/** The combined result of several sweeps. */
export function joinSweeps(all: readonly SweepResult[]): SweepResult {
  const problems = all.flatMap(({ problem }) => problem ?? []);
  return {
    done: all.flatMap(({ done }) => done),
    kept: all.flatMap(({ kept }) => kept),
    ...(problems.length === 0 ? {} : { problem: problems.join('; ') }),
  };
}
