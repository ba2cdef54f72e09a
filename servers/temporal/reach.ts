import { apiMessage, type Kube, unlessGone } from '../../cluster/kube/client.ts';
import { forwardPort } from '../../cluster/kube/port-forward.ts';
import { temporalAddress } from '../../config/plan/temporal.ts';
import { CoppiceError, ExitCode, hasCode } from '../../core/errors.ts';
import { platformNamespace } from '../../core/labels.ts';
import { partFacts } from '../../core/part-facts.ts';
import { retry } from '../../core/until.ts';
import { connectTemporal } from './connection/connection.ts';
import { managedAddress, managedFrontend } from './connection/managed.ts';
import type { TemporalPlace } from './place.ts';
import type { Frontend, Temporal } from './types.ts';

/** A Temporal server that is reached from this machine. */
export interface ReachedTemporal {
  readonly frontend: Frontend;
  /** `host:port` where pods reach it. */
  readonly address: string;
  /** Ends the way to it, not its connections. */
  close(): Promise<void>;
}

/** Whatever says where its server is, such as the inputs of a resource. */
interface Place {
  readonly server: TemporalPlace;
}

/**
 * The way to a server: 127.0.0.1 where the platform is published there, else through the API server.
 * Throws COPPICE_NO_TEMPORAL_SERVER, COPPICE_PORT_FORWARD, COPPICE_MANAGED_TEMPORAL.
 */
export async function reachTemporal(kube: Kube, { server }: Place): Promise<ReachedTemporal> {
  if (server.kind === 'managed') {
    const frontend = await managedFrontend(server, process.env);
    return { frontend, address: managedAddress(server), close: async () => {} };
  }
  await requireServer(kube);
  const { service, port } = partFacts.temporal;
  const frontend = (local: number): Frontend => ({ address: `127.0.0.1:${local}` });
  if (server.port !== undefined)
    return { frontend: frontend(server.port), address: temporalAddress, close: async () => {} };
  const way = await forwardPort(kube, { namespace: platformNamespace, service, port: port.service });
  return { frontend: frontend(way.port), address: temporalAddress, close: way.close };
}

/** What a port leads to is not said by its number: the platform may never have got this part. */
async function requireServer(kube: Kube): Promise<void> {
  const name = partFacts.temporal.service;
  const service = await unlessGone(
    kube.core.readNamespacedService({ namespace: platformNamespace, name }),
  ).catch((error: unknown) => {
    throw new CoppiceError('COPPICE_CLUSTER', `Service ${name} cannot be read: ${apiMessage(error)}`, {
      hint: 'run `wt cluster status`',
      exitCode: ExitCode.unreachable,
    });
  });
  if (service !== undefined) return;
  throw new CoppiceError('COPPICE_NO_TEMPORAL_SERVER', 'the platform of this cluster has no Temporal', {
    hint: 'run `wt up`, or `wt platform up --with temporal`',
  });
}

const lookMs = 100;

/**
 * Runs `work` with a connection to the server. One that does not answer is waited for as long as `patienceMs` says,
 * which is not at all when absent.
 * Throws what reachTemporal does, COPPICE_TEMPORAL_UNREACHABLE, COPPICE_TEMPORAL_DENIED, COPPICE_INTERRUPTED.
 */
export async function withTemporal<T>(
  kube: Kube,
  place: Place,
  signal: AbortSignal,
  work: (temporal: Temporal, reached: ReachedTemporal) => Promise<T>,
  { patienceMs = 0 }: { readonly patienceMs?: number } = {},
): Promise<T> {
  const reached = await reachTemporal(kube, place);
  try {
    const temporal = await retry(() => connectTemporal(reached.frontend, signal), {
      again: (error) => hasCode(error, 'COPPICE_TEMPORAL_UNREACHABLE'),
      every: lookMs,
      within: patienceMs,
      signal,
    });
    try {
      return await work(temporal, reached);
    } finally {
      temporal.close();
    }
  } finally {
    await reached.close();
  }
}
