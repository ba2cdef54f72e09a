import { since } from '../../core/text/duration.ts';
import { size } from '../../core/text/size.ts';
import type { Snapshot } from '../../servers/postgres/snapshots.ts';
import type { Result } from '../define.ts';
import { snapshotDocument } from './databases.ts';
import { table } from './table.ts';

const hour = 3_600_000;

/** The snapshots of one database. `now` is in milliseconds since 1970. */
export function snapshotsReport(whose: string, found: readonly Snapshot[], now: number): Result {
  const rows = found.map(({ mark, bytes, keptUntil }) => [
    mark.name,
    `${since(mark.takenAt, now)} old`,
    size(bytes),
    mark.reason === 'asked' ? 'taken by wt db snapshot' : `replaced by ${mark.reason}`,
    keptUntil === undefined
      ? 'kept until it is removed'
      : `kept for ${Math.ceil((Date.parse(keptUntil) - now) / hour)} h more`,
  ]);
  return {
    text: rows.length === 0 ? `the database of ${whose} has no snapshot` : table(rows),
    json: {
      snapshots: found.map(({ database, mark, bytes, keptUntil }) => ({
        ...snapshotDocument(database, mark),
        bytes,
        keptUntil,
      })),
    },
  };
}
