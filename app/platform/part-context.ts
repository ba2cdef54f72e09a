import { interruptible } from '../../core/interrupts.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import type { KnownEnvironments, PartContext } from '../../platform/context.ts';
import { callCluster, connectTo } from '../clusters/connection.ts';
import type { Ports } from '../ports.ts';
import {
  broughtUpEnvironments,
  existingEnvironments,
  type Witnesses,
  witnessesOf,
} from '../target/existing.ts';

/** Runs `work` with the context for sweeping and checking a part's server. Ctrl+C ends its statements and calls. */
export async function withPartContext<T>(
  record: ClusterRecord,
  { interrupts }: Pick<Ports, 'interrupts'>,
  work: (context: PartContext) => Promise<T>,
): Promise<T> {
  const { kube } = await connectTo(record);
  const environments = knownTo(witnessesOf(kube));
  return interruptible(interrupts, (signal) =>
    callCluster(record, () => work({ record, kube, signal, environments })),
  );
}

/** @internal Exported for tests of sweeps, which choose what exists. */
export function knownTo(witnesses: Witnesses): KnownEnvironments {
  return {
    broughtUp: () => broughtUpEnvironments(witnesses),
    existing: (marked) => existingEnvironments(marked, witnesses),
  };
}
