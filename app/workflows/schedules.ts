import { type Kube, unlessGone } from '../../cluster/kube/client.ts';
import { CoppiceError, hasCode } from '../../core/errors.ts';
import { Annotation, fieldManager } from '../../core/labels.ts';
import { environmentName } from '../../core/names.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import type { TemporalOutputs } from '../../resources/temporal-namespace/contract.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import { readStack } from '../engine/index.ts';
import type { Ports } from '../ports.ts';
import type { EnvironmentName } from '../target/target.ts';
import { onTemporalPatiently } from './connect.ts';
import { temporalOf, temporalPlace } from './resource.ts';
import { idOf } from './running.ts';

type Environment = Pick<EnvironmentName, 'app' | 'slug' | 'namespace'>;

/**
 * Pauses the schedules of an environment's own Temporal namespace, and returns the ids of those that are paused by
 * this now. A namespace that others created is theirs, schedules included. Throws COPPICE_INTERRUPTED, and why its
 * server does not do it.
 */
export async function pauseSchedulesOf(
  kube: Kube,
  record: ClusterRecord,
  environment: Environment,
  ports: Pick<Ports, 'interrupts'>,
): Promise<readonly string[]> {
  const resource = await temporalIn(environment);
  if (resource === undefined) return [];
  // Annotation first, change second: an interrupted stop can still be reversed.
  await annotate(kube, environment, 'true');
  const { namespace } = resource.temporal;
  const paused = await onOwnNamespace(kube, record, resource, ports, async (temporal) => {
    const { pauseSchedules } = await import('../../servers/temporal/schedules.ts');
    return pauseSchedules(temporal, namespace);
  }).catch((error: unknown) => {
    throw stillError(error, environment, `are not paused`, 'wt stop');
  });
  if (paused.length === 0) await annotate(kube, environment, null);
  return paused;
}

/**
 * Continues the schedules that `pauseSchedulesOf` paused, and returns their ids. Without any, no server is asked.
 * Throws COPPICE_INTERRUPTED, and why the server does not do it: then the next `wt start` or `wt up` does.
 */
export async function continueSchedulesOf(
  kube: Kube,
  record: ClusterRecord,
  environment: Environment,
  ports: Pick<Ports, 'interrupts'>,
): Promise<readonly string[]> {
  const owner = await unlessGone(kube.core.readNamespace({ name: environment.namespace }));
  if (owner?.metadata?.annotations?.[Annotation.schedulesPaused] === undefined) return [];
  const resource = await temporalIn(environment);
  const continued =
    resource &&
    (await onOwnNamespace(kube, record, resource, ports, async (temporal) => {
      const { continueSchedules } = await import('../../servers/temporal/schedules.ts');
      return continueSchedules(temporal, resource.temporal.namespace);
    }).catch((error: unknown) => {
      throw stillError(error, environment, `are still paused`, 'wt start');
    }));
  await annotate(kube, environment, null);
  return continued ?? [];
}

async function temporalIn({ app, slug }: Environment): Promise<TemporalOutputs | undefined> {
  return temporalOf(await readStack({ project: app, stack: slug }));
}

/** Runs `work` only if the server's namespace is this environment's. */
async function onOwnNamespace(
  kube: Kube,
  record: ClusterRecord,
  resource: TemporalOutputs,
  ports: Pick<Ports, 'interrupts'>,
  work: (temporal: Temporal) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  return onTemporalPatiently(kube, temporalPlace(resource, record), ports, async (temporal) =>
    (await idOf(temporal, resource)) === undefined ? [] : work(temporal),
  );
}

async function annotate(kube: Kube, { namespace }: Environment, value: 'true' | null): Promise<void> {
  const annotations = { [Annotation.schedulesPaused]: value };
  await kube.core.patchNamespace(
    { name: namespace, body: { metadata: { annotations } }, fieldManager },
    kube.mergePatch,
  );
}

function stillError(error: unknown, { app, slug }: Environment, what: string, verb: string): unknown {
  if (!(error instanceof CoppiceError) || hasCode(error, 'COPPICE_INTERRUPTED')) return error;
  const again = `${verb} again does it once the server answers`;
  return new CoppiceError(
    error.code,
    `the Temporal schedules of ${environmentName(app, slug)} ${what}: ${error.message}`,
    {
      hint: error.hint === undefined ? again : `${error.hint}; ${again}`,
      exitCode: error.exitCode,
      cause: error,
    },
  );
}
