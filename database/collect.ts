import type { Inventory } from './inventory.ts';
import type { MarkedDatabase } from './mark.ts';

export interface CollectLimits {
  /** Milliseconds since it was built, after which a template without clones goes. */
  readonly maxAge: number;
  /** Bytes that the disk shall have free: when it has less, the oldest go first, whatever their age. */
  readonly freeBytes?: number;
}

/** A template that nothing uses any more. */
export interface UnusedTemplate {
  readonly database: string;
  readonly oid: number;
  readonly hash: string;
  readonly builtAt: string;
  readonly bytes: number;
}

/**
 * Templates to remove, the oldest first. One that has a clone stays: it costs next to nothing where blocks are shared,
 * and the next clone needs it. A removed one is built again when it is wanted.
 */
export function collectTemplates(
  { databases, disk }: Pick<Inventory, 'databases' | 'disk'>,
  now: Date,
  { maxAge, freeBytes = 0 }: CollectLimits,
): UnusedTemplate[] {
  const used = new Set(databases.flatMap(({ mark }) => (mark?.kind === 'clone' ? [mark.template] : [])));
  const unused = databases
    .filter(({ name, sessions }) => !used.has(name) && sessions === 0)
    .flatMap((database) => asTemplate(database) ?? [])
    .sort((one, other) => one.builtAt.localeCompare(other.builtAt));
  let missing = disk ? freeBytes - disk.free : 0;
  return unused.filter(({ builtAt, bytes }) => {
    const goes = now.getTime() - Date.parse(builtAt) > maxAge || missing > 0;
    if (goes) missing -= bytes;
    return goes;
  });
}

function asTemplate({ name, oid, mark, bytes }: MarkedDatabase): UnusedTemplate | undefined {
  if (mark?.kind !== 'template') return undefined;
  return { database: name, oid, hash: mark.hash, builtAt: mark.builtAt, bytes: bytes ?? mark.bytes };
}
