import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import type { Journal, Movable } from './journal.ts';

/**
 * The meaning of `--to` after an interrupted migration. `continue`: finish it. `back`: return to the old cluster as it was.
 * `new`: start from the beginning, as with any cluster that has all its databases.
 */
export function directionOf(
  to: Movable,
  journal: Pick<Journal, 'from' | 'to' | 'phase'> | undefined,
  record: Pick<ClusterRecord, 'driver'> | undefined,
): 'continue' | 'back' | 'new' {
  if (journal === undefined) return 'new';
  if (to === journal.from) return journal.phase === 'raising' ? 'new' : 'back';
  // Dumps that were taken while the old cluster is still in use may be outdated.
  return record?.driver === journal.from ? 'new' : 'continue';
}
