import { type Kube, unlessGone } from '../../cluster/kube/client.ts';
import { forwardPort } from '../../cluster/kube/port-forward.ts';
import { CoppiceError } from '../../core/errors.ts';
import { callCluster, connectCluster } from '../clusters/connection.ts';
import type { Ports } from '../ports.ts';
import { type EnvironmentName, nameEnvironment, type Target } from '../target/target.ts';
import { requireService } from './service-name.ts';

export interface ForwardService {
  readonly target: Target;
  readonly service: string;
  /** Port of this machine. The service's own if that is free, or else any, when undefined. */
  readonly here: number | undefined;
}

/** Where a service answers on this machine. */
export interface ForwardedService {
  readonly service: string;
  readonly host: '127.0.0.1';
  readonly port: number;
}

/**
 * Runs `work` while a port of 127.0.0.1 leads to a service, through the API server. Throws COPPICE_NO_ENVIRONMENT,
 * COPPICE_NO_SERVICE, COPPICE_NO_ROUTE, COPPICE_PORT_FORWARD, COPPICE_NO_CLUSTER, COPPICE_CLUSTER_DOWN.
 */
export async function withForwarded<T>(
  { target, service, here }: ForwardService,
  ports: Ports,
  work: (forwarded: ForwardedService) => Promise<T>,
): Promise<T> {
  const name = await nameEnvironment(target, ports.cwd);
  const { kube, record } = await connectCluster();
  return callCluster(record, async () => {
    await requireService(kube, name, service);
    const port = await portOf(kube, name, service);
    const forwarded = await forwardPort(kube, {
      namespace: name.namespace,
      service,
      port,
      here: here === undefined ? { port, exactly: false } : { port: here, exactly: true },
      patienceMs: 2_000,
      hint: `wt logs ${service}`,
      onRefused: (reason) => ports.screen.note(`a connection to ${service} was closed: ${reason}`),
    });
    try {
      return await work({ service, host: '127.0.0.1', port: forwarded.port });
    } finally {
      await forwarded.close();
    }
  });
}

async function portOf(kube: Kube, { namespace }: EnvironmentName, name: string): Promise<number> {
  const service = await unlessGone(kube.core.readNamespacedService({ namespace, name }));
  const port = service?.spec?.ports?.[0]?.port;
  if (port !== undefined) return port;
  throw new CoppiceError('COPPICE_NO_ROUTE', `${name} listens on nothing: no \`port:\` in coppice.yaml`, {
    hint: 'wt status',
  });
}
