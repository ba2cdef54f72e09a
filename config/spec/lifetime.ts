import { defined } from '../../core/defined.ts';

/** How long a worktree or an environment is left alone before `wt gc` deletes it; also without a coppice.yaml. */
export const deleteAfterDefault = '7d';

/** `lifetime` as it is written in a coppice.yaml. */
export interface WrittenLifetime {
  readonly sleepAfter?: string | undefined;
  readonly deleteAfter?: string | undefined;
}

/** Milliseconds; an absent one is never. */
export interface Lifetime {
  readonly sleepAfter?: number;
  readonly deleteAfter?: number;
}

/** With the defaults, also for a repository without a spec. */
export function lifetimeOf({
  sleepAfter = 'never',
  deleteAfter = deleteAfterDefault,
}: WrittenLifetime = {}): Lifetime {
  return defined({ sleepAfter: milliseconds(sleepAfter), deleteAfter: milliseconds(deleteAfter) });
}

const unit: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds in `30m`, `24h` or `7d`; undefined for `never`, and for what is no time. */
export function milliseconds(time: string): number | undefined {
  const [, count, letter = ''] = /^(\d+)([smhd])$/.exec(time) ?? [];
  return count === undefined ? undefined : Number(count) * (unit[letter] ?? 0);
}
