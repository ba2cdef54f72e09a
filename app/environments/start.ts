import type { Kube } from '../../cluster/kube/client.ts';
import { CoppiceError } from '../../core/errors.ts';
import { interruptible } from '../../core/interrupts.ts';
import type { ReadyPlan } from '../../resources/ready/contract.ts';
import { callCluster, connectCluster } from '../clusters/connection.ts';
import { readyPlanOf } from '../clusters/readiness.ts';
import type { Ports } from '../ports.ts';
import { withAimedHints } from '../target/aimed-hints.ts';
import { requireOwnNamespace } from '../target/namespace-owner.ts';
import { noEnvironmentError } from '../target/no-environment.ts';
import { type EnvironmentName, nameEnvironment, type Target } from '../target/target.ts';
import { continueSchedulesOf } from '../workflows/schedules.ts';
import { planWithoutUp } from './deployed-plan.ts';
import { markEnvironmentTouched } from './mark-touched.ts';
import { restoreReplicas } from './replicas.ts';
import { type EnvironmentUrl, routesOf } from './routes.ts';

export interface EnvironmentStarted {
  readonly name: EnvironmentName;
  /** Deployments whose pods were restored; none when it was not stopped. */
  readonly started: readonly string[];
  /** Ids of the Temporal schedules that go on. */
  readonly schedules: readonly string[];
  readonly urls: readonly EnvironmentUrl[];
  readonly milliseconds: number;
}

/**
 * Restores the pods of a stopped environment, waits until all answer, and continues its Temporal schedules; Ctrl+C ends
 * the wait. Throws COPPICE_NO_ENVIRONMENT (also where nothing was stopped before the first complete `up`), COPPICE_NO_CLUSTER, COPPICE_CLUSTER_DOWN, and why something is not ready.
 */
export async function start(target: Target, ports: Ports): Promise<EnvironmentStarted> {
  const name = await nameEnvironment(target, ports.cwd);
  const { kube, record } = await connectCluster();
  const began = performance.now();
  const work = () =>
    callCluster(record, async () => {
      await requireOwnNamespace(kube, name);
      const started = await restoreReplicas(kube, name.namespace);
      if (started === undefined) throw noEnvironmentError(name);
      const plan = await planOf(kube, name, started);
      const { waitUntilReady } = await import('../../resources/ready/wait.ts');
      await interruptible(ports.interrupts, (signal) => waitUntilReady(kube, plan, signal));
      // Last, so that workers are there for what they start.
      const schedules = await continueSchedulesOf(kube, record, name, ports);
      return { started, schedules, urls: await routesOf(kube, name.namespace, record.http.port) };
    });
  const reached = await ports.phases.measure('start', () => withAimedHints(target, work));
  await markEnvironmentTouched(name);
  return { name, ...reached, milliseconds: performance.now() - began };
}

/** What to wait for: after a first `up` that did not finish, the pods that were stopped. */
async function planOf(kube: Kube, name: EnvironmentName, started: readonly string[]): Promise<ReadyPlan> {
  const { app, slug, namespace, toBringUp: hint = 'wt up' } = name;
  const plan = await readyPlanOf({ project: app, stack: slug });
  if (plan) return plan;
  if (started.length > 0) return planWithoutUp(kube, namespace, started);
  throw new CoppiceError(
    'COPPICE_NO_ENVIRONMENT',
    `${app}/${slug} was not stopped, and its first \`wt up\` did not finish: there is nothing to start`,
    { hint: `${hint}, which continues from there` },
  );
}
