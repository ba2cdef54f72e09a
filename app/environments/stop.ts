import { untilNoPods } from '../../cluster/kube/empty-namespace.ts';
import { Label } from '../../core/labels.ts';
import { callCluster, connectCluster } from '../clusters/connection.ts';
import type { Ports } from '../ports.ts';
import { type EnvironmentName, nameEnvironment, type Target } from '../target/target.ts';
import { pauseSchedulesOf } from '../workflows/schedules.ts';
import { observe, requireObserved } from './observe.ts';
import { scaleToZero } from './replicas.ts';

export interface EnvironmentStopped {
  readonly name: EnvironmentName;
  /** Services without pods now. */
  readonly services: readonly string[];
  /** Ids of the Temporal schedules that are paused by this. */
  readonly schedules: readonly string[];
  readonly milliseconds: number;
}

/**
 * Removes all pods, pauses the Temporal schedules and keeps the rest; each deployment's number of replicas is kept on
 * the namespace. Throws COPPICE_NO_ENVIRONMENT, COPPICE_TERMINATING, COPPICE_NO_CLUSTER, COPPICE_CLUSTER_DOWN, and,
 * when the pods are gone, why schedules could not be paused.
 */
export async function stop(target: Target, ports: Ports): Promise<EnvironmentStopped> {
  const name = await nameEnvironment(target, ports.cwd);
  const { kube, record } = await connectCluster();
  const began = performance.now();
  const stopped = await ports.phases.measure('stop', () =>
    callCluster(record, async () => {
      const seen = await observe(kube, name.namespace, record.http.port);
      requireObserved(name, seen);
      // Also when it is stopped: an interrupted stop or start has left pods.
      await scaleToZero(kube, name.namespace);
      await untilNoPods(kube, name.namespace, { labelSelector: Label.service });
      // Afterwards, as a running service may still create one.
      const schedules = await pauseSchedulesOf(kube, record, name, ports);
      return { services: seen.services.map((service) => service.name), schedules };
    }),
  );
  return { name, ...stopped, milliseconds: performance.now() - began };
}
