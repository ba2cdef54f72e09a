import { CoppiceError } from '../../core/errors.ts';
import { environmentName } from '../../core/names.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import type { TemporalOutputs } from '../../resources/temporal-namespace/contract.ts';
import { isRefusal, status } from '../../servers/temporal/connection/grpc-error.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import { connectCluster, reaching } from '../clusters/connection.ts';
import { readStack } from '../engine/stack-state.ts';
import type { Ports } from '../ports.ts';
import type { Target } from '../target/target.ts';
import { type EnvironmentName, nameEnvironment } from '../target/target.ts';
import { verbLine } from '../target/verb-line.ts';
import { onTemporal } from './connect.ts';
import { temporalOf, temporalPlace } from './resource.ts';

/** What a verb works with that looks into an environment's Temporal namespace. */
export interface Looking {
  readonly temporal: Temporal;
  readonly environment: EnvironmentName;
  readonly resource: TemporalOutputs;
  readonly record: ClusterRecord;
}

/**
 * Runs `work` on the server that has an environment's Temporal namespace, as its stack knows it.
 * Throws COPPICE_NO_TEMPORAL, and what naming, reaching and connecting throw.
 */
export async function onNamespace<T>(
  target: Target,
  ports: Ports,
  work: (looking: Looking) => Promise<T>,
): Promise<T> {
  const environment = await nameEnvironment(target, ports.cwd);
  const { app, slug } = environment;
  const resource = temporalOf(await readStack({ project: app, stack: slug }));
  if (!resource) throw noTemporal(environment, target);
  const { kube, record } = await connectCluster();
  return reaching(record, () =>
    onTemporal(kube, temporalPlace(resource, record), ports, (temporal) =>
      work({ temporal, environment, resource, record }).catch((error: unknown) => {
        throw isNamespaceGone(error) ? gone(environment, resource, target) : error;
      }),
    ),
  );
}

/** A workflow that is not there is another answer with the same code. */
export function isNamespaceGone(error: unknown): boolean {
  return isRefusal(error, status.notFound) && /namespace \S+ is not found/i.test((error as Error).message);
}

function gone({ app, slug }: EnvironmentName, { temporal }: TemporalOutputs, target: Target): CoppiceError {
  return new CoppiceError(
    'COPPICE_NO_TEMPORAL',
    `the Temporal namespace ${temporal.namespace} of ${environmentName(app, slug)} is gone`,
    { hint: `${verbLine('up', target)} makes it again` },
  );
}

function noTemporal({ app, slug }: EnvironmentName, target: Target): CoppiceError {
  return new CoppiceError('COPPICE_NO_TEMPORAL', `${environmentName(app, slug)} has no Temporal namespace`, {
    hint: `${verbLine('up', target)} makes it, if its coppice.yaml has \`temporal:\``,
  });
}
