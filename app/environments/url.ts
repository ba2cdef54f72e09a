import { CoppiceError } from '../../core/errors.ts';
import { callCluster, connectCluster } from '../clusters/connection.ts';
import type { Ports } from '../ports.ts';
import { nameEnvironment, type Target } from '../target/target.ts';
import { routesOf } from './routes.ts';
import { requireService } from './service-name.ts';

/**
 * URL of a service, or of the primary one. Throws COPPICE_NO_ENVIRONMENT, COPPICE_NO_SERVICE, COPPICE_NO_ROUTE,
 * COPPICE_NO_CLUSTER, COPPICE_CLUSTER_DOWN.
 */
export async function urlOf(target: Target, service: string | undefined, ports: Ports): Promise<string> {
  const name = await nameEnvironment(target, ports.cwd);
  const { kube, record } = await connectCluster();
  const urls = await callCluster(record, async () => {
    await requireService(kube, name, service);
    return routesOf(kube, name.namespace, record.http.port);
  });
  const found = urls.find((route) => service === undefined || route.service === service);
  if (found) return found.url;
  const what = service ?? `${name.app}/${name.slug}`;
  throw new CoppiceError(
    'COPPICE_NO_ROUTE',
    `${what} has no URL: no \`port:\` in coppice.yaml, or \`protocol: tcp\``,
    {
      hint: service === undefined ? 'wt status' : `wt forward ${service}`,
    },
  );
}
