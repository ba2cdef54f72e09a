import { hasCode, messageOf } from '../../core/errors.ts';
import { type OnDemandPart, onDemandParts } from '../../core/part-facts.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { readPlatformParts } from '../../core/state/platform-parts.ts';
import { joinSweeps, nothingSwept, type SweepResult } from '../../core/sweep.ts';
import { requireCluster } from '../clusters/clusters.ts';
import type { Ports } from '../ports.ts';
import type { Sweep } from '../sweep.ts';

/** How the server of each part is swept. */
const sweeps: Readonly<Record<OnDemandPart, Sweep>> = {
  postgres: async (...args) => (await import('../databases/sweep.ts')).sweepDatabases(...args),
  temporal: async (...args) => (await import('../workflows/sweep.ts')).sweepNamespaces(...args),
};

export function sweepPart(part: OnDemandPart, record: ClusterRecord, ports: Ports): Promise<SweepResult> {
  return withProblem(() => sweeps[part](record, ports));
}

/** Sweeps the server of every part that has joined. */
export async function sweepParts(ports: Ports): Promise<SweepResult> {
  const joined = await readPlatformParts();
  const results = onDemandParts
    .filter((part) => joined[part])
    .map((part) => withProblem(async () => sweeps[part](await requireCluster(), ports)));
  return joinSweeps(await Promise.all(results));
}

/** Nobody came for a sweep, so what goes wrong is reported and not thrown; only Ctrl+C is. */
async function withProblem(sweep: () => Promise<SweepResult>): Promise<SweepResult> {
  try {
    return await sweep();
  } catch (error) {
    if (hasCode(error, 'COPPICE_INTERRUPTED')) throw error;
    return { ...nothingSwept, problem: messageOf(error) };
  }
}
