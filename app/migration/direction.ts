import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import type { Journal, Movable } from './journal.ts';

/**
 * What `--to` means beside a migration that was cut short. `on`: what it left to do. `back`: the old cluster is in use
 * again as it was. `anew`: from the beginning; a cluster that has all its databases is one like any other.
 */
export function wayOf(
  to: Movable,
  journal: Pick<Journal, 'from' | 'to' | 'phase'> | undefined,
  record: Pick<ClusterRecord, 'driver'> | undefined,
): 'on' | 'back' | 'anew' {
  if (journal === undefined) return 'anew';
  if (to === journal.from) return journal.phase === 'raising' ? 'anew' : 'back';
  // What was dumped while the old cluster is still in use may be old by now.
  return record?.driver === journal.from ? 'anew' : 'on';
}
