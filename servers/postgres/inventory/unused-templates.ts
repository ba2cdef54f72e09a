import type { MarkedDatabase } from '../marks/mark.ts';
import { isUsed, lastUse } from '../templates/last-use.ts';
import type { Inventory } from './inventory.ts';

export interface CollectLimits {
  /** Milliseconds since its last use, after which an unused template is removed. */
  readonly maxAge: number;
  /**
   * Bytes to keep free on the disk: when there are fewer, the oldest templates are removed first, whatever
   * their age.
   */
  readonly freeBytes?: number;
}

/** A template without a clone. */
export interface UnusedTemplate {
  readonly database: string;
  readonly oid: number;
  readonly hash: string;
  readonly usedAt: string;
  readonly bytes: number;
}

/**
 * Templates to remove, the longest unused first. One with a clone stays: it costs next to nothing where
 * blocks are shared, and the next clone needs it. A removed one is rebuilt when it is needed.
 */
export function unusedTemplates(
  { databases, disk }: Pick<Inventory, 'databases' | 'disk'>,
  now: Date,
  { maxAge, freeBytes = 0 }: CollectLimits,
): UnusedTemplate[] {
  const unused = databases
    .filter(({ name, sessions }) => !isUsed(name, databases) && sessions === 0)
    .flatMap((database) => asTemplate(database) ?? [])
    .sort((one, other) => one.usedAt.localeCompare(other.usedAt));
  let missing = disk ? freeBytes - disk.free : 0;
  return unused.filter(({ usedAt, bytes }) => {
    const goes = now.getTime() - Date.parse(usedAt) > maxAge || missing > 0;
    if (goes) missing -= bytes;
    return goes;
  });
}

function asTemplate({ name, oid, mark, bytes }: MarkedDatabase): UnusedTemplate | undefined {
  if (mark?.kind !== 'template') return undefined;
  return { database: name, oid, hash: mark.hash, usedAt: lastUse(mark), bytes: bytes ?? mark.bytes };
}
