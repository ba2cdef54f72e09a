import { CoppiceError } from '../../core/errors.ts';
import { environmentName, temporalHost } from '../../core/names.ts';
import type { TemporalOutputs } from '../../resources/temporal-namespace/contract.ts';
import { isRefusal, status } from '../../servers/temporal/errors.ts';
import type { TemporalPlace } from '../../servers/temporal/place.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import { callCluster, connectCluster } from '../clusters/connection.ts';
import { readStack } from '../engine/index.ts';
import type { Ports } from '../ports.ts';
import type { Target } from '../target/target.ts';
import { type EnvironmentName, nameEnvironment } from '../target/target.ts';
import { verbLine } from '../target/verb-line.ts';
import { onTemporal } from './connect.ts';
import { temporalOf, temporalPlace } from './resource.ts';

/** An environment's Temporal namespace, on a connected server. */
export interface ConnectedNamespace {
  readonly temporal: Temporal;
  readonly environment: EnvironmentName;
  readonly namespace: string;
  /** Its page in the UI, or that of a workflow in it; undefined when the UI is not known. */
  readonly uiUrl: (workflow?: WorkflowRun) => string | undefined;
}

/**
 * Runs `work` on the server that has an environment's Temporal namespace, as its stack records it. Throws
 * COPPICE_NO_TEMPORAL, and what naming, reaching and connecting throw.
 */
export async function onNamespace<T>(
  target: Target,
  ports: Ports,
  work: (connected: ConnectedNamespace) => Promise<T>,
): Promise<T> {
  const environment = await nameEnvironment(target, ports.cwd);
  const { app, slug } = environment;
  const resource = temporalOf(await readStack({ project: app, stack: slug }));
  if (!resource) throw noTemporalError(environment, target);
  const { namespace } = resource.temporal;
  const { kube, record } = await connectCluster();
  return callCluster(record, () =>
    onTemporal(kube, temporalPlace(resource, record), ports, (temporal) =>
      work({
        temporal,
        environment,
        namespace,
        uiUrl: (workflow) => uiUrl(resource.server, record.http.port, namespace, workflow),
      }).catch((error: unknown) => {
        throw isNamespaceGone(error) ? namespaceGoneError(environment, resource, target) : error;
      }),
    ),
  );
}

/** A missing workflow is another answer with the same code. */
export function isNamespaceGone(error: unknown): boolean {
  return isRefusal(error, status.notFound) && /namespace \S+ is not found/i.test((error as Error).message);
}

function namespaceGoneError(
  { app, slug }: EnvironmentName,
  { temporal }: TemporalOutputs,
  target: Target,
): CoppiceError {
  return new CoppiceError(
    'COPPICE_NO_TEMPORAL',
    `the Temporal namespace ${temporal.namespace} of ${environmentName(app, slug)} is gone`,
    { hint: `${verbLine('up', target)} recreates it` },
  );
}

function noTemporalError({ app, slug }: EnvironmentName, target: Target): CoppiceError {
  return new CoppiceError('COPPICE_NO_TEMPORAL', `${environmentName(app, slug)} has no Temporal namespace`, {
    hint: `${verbLine('up', target)} creates it if its coppice.yaml has \`temporal:\``,
  });
}

interface WorkflowRun {
  readonly id: string;
  readonly runId: string;
}

/**
 * The UI's page for a namespace or workflow; undefined for a managed server, whose UI is not known.
 *
 * @internal Exported for its test, which passes recorded values.
 */
export function uiUrl(
  { kind }: TemporalPlace,
  httpPort: number,
  namespace: string,
  workflow?: WorkflowRun,
): string | undefined {
  if (kind !== 'platform') return undefined;
  const port = httpPort === 80 ? '' : `:${httpPort}`;
  const path = ['namespaces', namespace, 'workflows', ...(workflow ? [workflow.id, workflow.runId] : [])];
  return `http://${temporalHost}${port}/${path.map(encodeURIComponent).join('/')}`;
}
