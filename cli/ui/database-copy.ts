import { duration } from '../../core/text/duration.ts';
import type { Cloned } from '../../servers/postgres/databases.ts';
import type { Replaced } from '../../servers/postgres/snapshots.ts';

/** `cloned, sharing its blocks, in 12 ms` */
export function copyText({ strategy, milliseconds }: Cloned): string {
  const how = strategy === 'clone' ? 'cloned, sharing its blocks,' : 'copied in full';
  return `${how} in ${duration(milliseconds)}`;
}

/** What became of the replaced content, for people. */
export function keptText({ kept }: Pick<Replaced, 'kept'>): string {
  return kept
    ? `  the previous content is kept for 72 hours as ${kept.mark.name}: wt db undo`
    : '  the previous content is gone';
}

/** The same as JSON. */
export function replacedDocument({ strategy, milliseconds, kept }: Replaced) {
  return { strategy, milliseconds, sharesBlocks: strategy === 'clone', kept: kept?.mark.name };
}
