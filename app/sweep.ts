import type { ClusterRecord } from '../core/state/cluster-record.ts';
import type { SweepResult } from '../core/sweep.ts';
import type { Ports } from './ports.ts';

/** Removes what nothing needs any more from the server of one part. Throws what reaching that server throws. */
export type Sweep = (record: ClusterRecord, ports: Ports) => Promise<SweepResult>;
