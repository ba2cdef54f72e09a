import { untilNoPods } from '../../cluster/kube/empty-namespace.ts';
import { Label } from '../../core/labels.ts';
import { callCluster, connectCluster } from '../clusters/connection.ts';
import type { Ports } from '../ports.ts';
import { type EnvironmentName, nameEnvironment, type Target } from '../target/target.ts';
import { observe, requireObserved } from './observe.ts';
import { scaleToZero } from './replicas.ts';

export interface EnvironmentStopped {
  readonly name: EnvironmentName;
  /** Services without pods now. */
  readonly services: readonly string[];
  readonly milliseconds: number;
}

/**
 * Removes all pods and keeps the rest; each deployment's number of replicas is kept on the namespace. Throws
 * COPPICE_NO_ENVIRONMENT, COPPICE_TERMINATING, COPPICE_NO_CLUSTER, COPPICE_CLUSTER_DOWN.
 */
export async function stop(target: Target, ports: Ports): Promise<EnvironmentStopped> {
  const name = await nameEnvironment(target, ports.cwd);
  const { kube, record } = await connectCluster();
  const began = performance.now();
  const services = await ports.phases.measure('stop', () =>
    callCluster(record, async () => {
      const seen = await observe(kube, name.namespace, record.http.port);
      requireObserved(name, seen);
      if (!seen.stopped) await scaleToZero(kube, name.namespace);
      await untilNoPods(kube, name.namespace, { labelSelector: Label.service });
      return seen.services.map((service) => service.name);
    }),
  );
  return { name, services, milliseconds: performance.now() - began };
}
