import { hasCode, messageOf } from '../../core/errors.ts';
import { type OnDemandPart, onDemandParts } from '../../core/part-facts.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { readPlatformParts } from '../../core/state/platform-parts.ts';
import { emptySweep, joinSweeps, type SweepResult } from '../../core/sweep.ts';
import { parts } from '../../platform/parts.ts';
import { requireClusterRecord } from '../clusters/require-record.ts';
import type { Ports } from '../ports.ts';
import { withPartContext } from './part-context.ts';

/** Removes orphans from the server of one part. */
export function sweepPart(part: OnDemandPart, record: ClusterRecord, ports: Ports): Promise<SweepResult> {
  const { sweep } = parts[part];
  if (sweep === undefined) return Promise.resolve(emptySweep);
  return withProblem(() => withPartContext(record, ports, sweep));
}

/** Sweeps the server of every part that has joined. */
export async function sweepParts(ports: Ports): Promise<SweepResult> {
  const joined = await readPlatformParts();
  const wanted = onDemandParts.filter((part) => joined[part]);
  if (wanted.length === 0) return emptySweep;
  return withProblem(async () => {
    const record = await requireClusterRecord();
    return joinSweeps(await Promise.all(wanted.map((part) => sweepPart(part, record, ports))));
  });
}

/** No user requested the sweep, so failures are reported and not thrown; only Ctrl+C is. */
async function withProblem(sweep: () => Promise<SweepResult>): Promise<SweepResult> {
  try {
    return await sweep();
  } catch (error) {
    if (hasCode(error, 'COPPICE_INTERRUPTED')) throw error;
    return { ...emptySweep, problem: messageOf(error) };
  }
}
