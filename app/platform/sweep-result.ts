/** What a sweep of a shared server did; one line each. */
export interface Swept {
  readonly done: readonly string[];
  /** What stays for now, and why. */
  readonly kept: readonly string[];
  /** Why nothing could be looked at. */
  readonly problem?: string;
}

export const nothingSwept: Swept = { done: [], kept: [] };

/** What several servers were swept of. */
export function together(all: readonly Swept[]): Swept {
  const problems = all.flatMap(({ problem }) => problem ?? []);
  return {
    done: all.flatMap(({ done }) => done),
    kept: all.flatMap(({ kept }) => kept),
    ...(problems.length === 0 ? {} : { problem: problems.join('; ') }),
  };
}
