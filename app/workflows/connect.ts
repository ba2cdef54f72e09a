import type { Kube } from '../../cluster/kube/client.ts';
import { interruptible } from '../../core/interrupts.ts';
import { Label, platformNamespace } from '../../core/labels.ts';
import { partFacts } from '../../core/part-facts.ts';
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

/**
 * As `onTemporal`, with 20 seconds of patience for a server that has a pod: it may be starting, like a cluster that was
 * just started. Without a pod none will answer.
 */
export async function onTemporalPatiently<T>(
  kube: Kube,
  server: TemporalPlace,
  ports: Pick<Ports, 'interrupts'>,
  work: (temporal: Temporal) => Promise<T>,
): Promise<T> {
  const patienceMs = (await hasPod(kube, server)) ? 20_000 : 0;
  return onTemporal(kube, server, ports, work, { patienceMs });
}

async function hasPod({ core }: Kube, { kind }: TemporalPlace): Promise<boolean> {
  if (kind !== 'platform') return false;
  const labelSelector = `${Label.service}=${partFacts.temporal.service}`;
  const { items } = await core.listNamespacedPod({ namespace: platformNamespace, labelSelector });
  return items.some(({ metadata, status }) => !metadata?.deletionTimestamp && status?.phase !== 'Failed');
}
