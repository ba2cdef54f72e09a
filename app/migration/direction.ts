import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import type { Journal, Movable } from './journal.ts';

/**
 * The meaning of `--to` after an interrupted migration. `on`: finish it. `back`: return to the old cluster as it was.
 * `anew`: start from the beginning, as with any cluster that has all its databases.
 */
export function wayOf(
  to: Movable,
  journal: Pick<Journal, 'from' | 'to' | 'phase'> | undefined,
  record: Pick<ClusterRecord, 'driver'> | undefined,
): 'on' | 'back' | 'anew' {
  if (journal === undefined) return 'anew';
  if (to === journal.from) return journal.phase === 'raising' ? 'anew' : 'back';
  // Dumps that were taken while the old cluster is still in use may be outdated.
  return record?.driver === journal.from ? 'anew' : 'on';
}
