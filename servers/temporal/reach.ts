import type { Kube } from '../../cluster/kube/client.ts';
import { temporalAddress } from '../../config/plan/temporal.ts';
import { platformNamespace } from '../../core/labels.ts';
import { partFacts } from '../../core/part-facts.ts';
import { nothingToClose, type Reached, reachPart, requireObject, withConnection } from '../reach-part.ts';
import { connectTemporal } from './connection/connection.ts';
import { managedAddress, managedFrontend } from './connection/managed.ts';
import type { TemporalPlace } from './place.ts';
import type { Frontend, Temporal } from './types.ts';

/** A Temporal server that is reached from this machine. */
export interface ReachedTemporal extends Reached {
  readonly frontend: Frontend;
  /** `host:port` where pods reach it. */
  readonly address: string;
}

/** Anything with the location of its server, such as the inputs of a resource. */
interface Place {
  readonly server: TemporalPlace;
}

/**
 * Runs `work` with a connection to the server. Waits up to `patienceMs` for a server that does not answer, not at all
 * when absent. Throws what reachTemporal does, COPPICE_TEMPORAL_UNREACHABLE, COPPICE_TEMPORAL_DENIED,
 * COPPICE_INTERRUPTED.
 */
export async function withTemporal<T>(
  kube: Kube,
  place: Place,
  signal: AbortSignal,
  work: (temporal: Temporal, reached: ReachedTemporal) => Promise<T>,
  { patienceMs = 0 }: { readonly patienceMs?: number } = {},
): Promise<T> {
  const reached = await reachTemporal(kube, place);
  return withConnection(
    reached,
    () => connectTemporal(reached.frontend, signal),
    { code: 'COPPICE_TEMPORAL_UNREACHABLE', milliseconds: patienceMs, signal },
    (temporal) => work(temporal, reached),
  );
}

/**
 * Throws COPPICE_NO_TEMPORAL_SERVER, COPPICE_PORT_FORWARD, COPPICE_MANAGED_TEMPORAL.
 *
 * @internal Tests on a real machine use this part alone.
 */
export async function reachTemporal(kube: Kube, { server }: Place): Promise<ReachedTemporal> {
  if (server.kind === 'managed') {
    const frontend = await managedFrontend(server, process.env);
    return { frontend, address: managedAddress(server), close: nothingToClose };
  }
  await requireService(kube);
  const { port, close } = await reachPart(kube, 'temporal', server.port);
  return { frontend: { address: `127.0.0.1:${port}` }, address: temporalAddress, close };
}

/** A port forward works without the part: the platform may never have had it. */
async function requireService(kube: Kube): Promise<void> {
  const { service: name } = partFacts.temporal;
  const found = kube.core.readNamespacedService({ namespace: platformNamespace, name });
  const service = { part: 'temporal', kind: 'Service', absent: 'COPPICE_NO_TEMPORAL_SERVER' } as const;
  await requireObject(service, found);
}
