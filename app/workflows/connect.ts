import type { Kube } from '../../cluster/kube/client.ts';
import { interruptible } from '../../core/interrupts.ts';
import type { TemporalPlace } from '../../servers/temporal/place.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import type { Ports } from '../ports.ts';

/**
 * Runs `work` on a Temporal server. Waits up to `patienceMs` for one that does not answer, not at all when absent.
 * Ctrl+C ends its calls. Throws what reaching and connecting throw.
 */
export async function onTemporal<T>(
  kube: Kube,
  server: TemporalPlace,
  { interrupts }: Pick<Ports, 'interrupts'>,
  work: (temporal: Temporal) => Promise<T>,
  patience: { readonly patienceMs?: number } = {},
): Promise<T> {
  return interruptible(interrupts, async (signal) => {
    // Only an environment with a namespace pays for gRPC.
    const { withTemporal } = await import('../../servers/temporal/reach.ts');
    return withTemporal(kube, { server }, signal, work, patience);
  });
}
