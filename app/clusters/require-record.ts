import { CoppiceError } from '../../core/errors.ts';
import { type ClusterRecord, readClusterRecord } from '../../core/state/cluster-record.ts';

/** This user's cluster; throws COPPICE_NO_CLUSTER (exit code 3) when none was ever started. */
export async function requireClusterRecord(): Promise<ClusterRecord> {
  const record = await readClusterRecord();
  if (record) return record;
  throw new CoppiceError('COPPICE_NO_CLUSTER', 'there is no cluster yet', {
    hint: 'wt up starts one; wt doctor says what it needs',
  });
}
