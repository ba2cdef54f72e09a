import type { Kube } from '../../cluster/kube/client.ts';
import { messageOf } from '../../core/errors.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import type { TemporalOutputs } from '../../resources/temporal-namespace/contract.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import { findRunning, listWorkflows, workers } from '../../servers/temporal/workflows.ts';
import type { Ports } from '../ports.ts';
import { onTemporal } from './connect.ts';
import { isNamespaceGone } from './namespace.ts';
import { temporalPlace } from './resource.ts';
import type { TemporalStatus } from './temporal-status.ts';

/** So many running workflows are examined for stuck ones: a status has to be quick. */
const looked = 100;

/** The current state of a Temporal namespace. Never throws: an unreachable server is reported in one line. */
export async function observeNamespace(
  kube: Kube,
  record: ClusterRecord,
  resource: TemporalOutputs,
  ports: Pick<Ports, 'interrupts'>,
): Promise<TemporalStatus> {
  const { namespace } = resource.temporal;
  try {
    return await onTemporal(kube, temporalPlace(resource, record), ports, (temporal) =>
      namespaceStatus(temporal, namespace),
    );
  } catch (error) {
    if (isNamespaceGone(error)) return { kind: 'gone', namespace };
    return { kind: 'unseen', namespace, why: messageOf(error) };
  }
}

/**
 * The same on a connected server. Running workflows are listed once: a namespace allows 10 such calls a second.
 *
 * @internal Exported for tests on real servers, which use only this part.
 */
export async function namespaceStatus(temporal: Temporal, namespace: string): Promise<TemporalStatus> {
  const running = await findRunning(temporal, namespace);
  const [list, queues] = await Promise.all([
    listWorkflows(temporal, namespace, { limit: looked, running }),
    workers(temporal, namespace, { running }),
  ]);
  return { kind: 'seen', namespace, list, queues };
}
