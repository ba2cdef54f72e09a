import type { Kube } from '../../cluster/kube/client.ts';
import { CoppiceError } from '../../core/errors.ts';
import { interruptible } from '../../core/interrupts.ts';
import { Annotation, fieldManager } from '../../core/labels.ts';
import { until } from '../../core/until.ts';
import { callCluster, connectCluster } from '../clusters/connection.ts';
import { readyPlanOf } from '../clusters/readiness.ts';
import type { Ports } from '../ports.ts';
import { withTask } from '../screen.ts';
import { withAimedHints } from '../target/aimed-hints.ts';
import { type EnvironmentName, nameEnvironment, type Target } from '../target/target.ts';
import { verbLine } from '../target/verb-line.ts';
import { planWithoutUp } from './deployed-plan.ts';
import { markEnvironmentTouched } from './mark-touched.ts';
import { observe, requireObserved } from './observe.ts';
import { type EnvironmentUrl, routesOf } from './routes.ts';
import { requireService } from './service-name.ts';

export interface EnvironmentRestarted {
  readonly name: EnvironmentName;
  /** Services with new processes. */
  readonly restarted: readonly string[];
  readonly urls: readonly EnvironmentUrl[];
  readonly milliseconds: number;
}

/**
 * Gives services new processes, all of them when none is named: the old ones answer until the new ones do. Ctrl+C ends
 * the wait. Throws COPPICE_NO_ENVIRONMENT (also for a stopped one), COPPICE_NO_SERVICE, COPPICE_NO_CLUSTER,
 * COPPICE_CLUSTER_DOWN, and why something is not ready.
 */
export async function restart(
  target: Target,
  services: readonly string[],
  ports: Ports,
): Promise<EnvironmentRestarted> {
  const name = await nameEnvironment(target, ports.cwd);
  const { kube, record } = await connectCluster();
  const began = performance.now();
  const work = () =>
    callCluster(record, async () => {
      const seen = await observe(kube, name.namespace, record.http.port);
      requireObserved(name, seen);
      if (seen.stopped) throw stoppedError(name, target);
      const chosen = await chosenServices(kube, name, services);
      await withTask(ports.screen, `restarting ${chosen.join(', ')}`, () =>
        interruptible(ports.interrupts, (signal) => renew(kube, name, chosen, signal)),
      );
      return { restarted: chosen, urls: await routesOf(kube, name.namespace, record.http.port) };
    });
  const reached = await ports.phases.measure('restart', () => withAimedHints(target, work));
  await markEnvironmentTouched(name);
  return { name, ...reached, milliseconds: performance.now() - began };
}

function stoppedError({ app, slug }: EnvironmentName, target: Target): CoppiceError {
  return new CoppiceError('COPPICE_NO_ENVIRONMENT', `${app}/${slug} is stopped`, {
    hint: verbLine('start', target),
  });
}

async function chosenServices(
  kube: Kube,
  name: EnvironmentName,
  services: readonly string[],
): Promise<string[]> {
  if (services.length === 0) return requireService(kube, name, undefined);
  const found = await Promise.all(services.map((service) => requireService(kube, name, service)));
  return [...new Set(found.flat())];
}

async function renew(
  kube: Kube,
  name: EnvironmentName,
  services: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { app, slug, namespace } = name;
  const plan =
    (await readyPlanOf({ project: app, stack: slug })) ?? (await planWithoutUp(kube, namespace, services));
  await restartServices(kube, namespace, services);
  const { waitUntilReady } = await import('../../resources/ready/wait.ts');
  await untilNewPods(kube, namespace, services, signal);
  await waitUntilReady(kube, plan, signal);
}

/** Begins a rolling restart of each; the engine leaves the annotation alone, as it did not set it. */
async function restartServices(kube: Kube, namespace: string, services: readonly string[]): Promise<void> {
  const annotations = { [Annotation.restartedAt]: new Date().toISOString() };
  const body = { spec: { template: { metadata: { annotations } } } };
  await Promise.all(
    services.map((name) =>
      kube.apps.patchNamespacedDeployment({ namespace, name, body, fieldManager }, kube.mergePatch),
    ),
  );
}

/** Before that, the pods from before the restart would be taken for the new ones. */
async function untilNewPods(
  kube: Kube,
  namespace: string,
  services: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const allBegun = async () => {
    const { items } = await kube.apps.listNamespacedDeployment({ namespace });
    return items
      .filter(({ metadata }) => services.includes(metadata?.name ?? ''))
      .every(({ metadata, spec, status }) => {
        const current = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
        return current && (status?.updatedReplicas ?? 0) >= (spec?.replicas ?? 1);
      });
  };
  await until(allBegun, { every: 100, signal });
}
