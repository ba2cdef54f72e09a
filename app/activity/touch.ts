import type { Known } from './known.ts';

/** Signs that somebody or something worked in a worktree or with its environment; docs/worktrees.md defines each. */
export type TouchKind =
  | 'created'
  | 'commit'
  | 'git'
  | 'files'
  | 'wt'
  | 'up'
  | 'request'
  | 'database'
  | 'workflow';

export interface Touch {
  readonly by: TouchKind;
  /** Milliseconds since 1970, by the clock as it was at that time. */
  readonly at: number;
}

/** The last of those with the same time; undefined without any. */
export function latest(touches: readonly Touch[]): Touch | undefined {
  return touches.reduce<Touch | undefined>(
    (newest, touch) => (newest === undefined || touch.at >= newest.at ? touch : newest),
    undefined,
  );
}

/** All touches of several sources; unknown as soon as one of them is. */
export function allTouches(...sources: readonly Known<readonly Touch[]>[]): Known<readonly Touch[]> {
  const touches: Touch[] = [];
  for (const source of sources) {
    if ('unknown' in source) return source;
    touches.push(...source.value);
  }
  return { value: touches };
}
