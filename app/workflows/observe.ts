import type { Kube } from '../../cluster/kube/client.ts';
import { messageOf } from '../../core/errors.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import type { TemporalOutputs } from '../../resources/temporal-namespace/contract.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import {
  findRunning,
  listWorkflows,
  type TaskQueue,
  type WorkflowList,
  workers,
} from '../../servers/temporal/workflows.ts';
import type { Ports } from '../ports.ts';
import { onTemporal } from './connect.ts';
import { isNamespaceGone } from './namespace.ts';
import { temporalPlace } from './resource.ts';

/** How the Temporal namespace of an environment stands. */
export type TemporalStatus =
  | {
      readonly kind: 'seen';
      readonly namespace: string;
      readonly list: Pick<WorkflowList, 'workflows' | 'total'>;
      readonly queues: readonly TaskQueue[];
    }
  /** The server does not have it: an `up` makes it again. */
  | { readonly kind: 'gone'; readonly namespace: string }
  /** The server cannot be asked. */
  | { readonly kind: 'unseen'; readonly namespace: string; readonly why: string };

/** As many running ones are looked at for what is stuck: a status is asked often. */
const looked = 100;

/** How a Temporal namespace stands right now. Never throws: a server that cannot be asked is told in one line. */
export async function observeNamespace(
  kube: Kube,
  record: ClusterRecord,
  resource: TemporalOutputs,
  ports: Ports,
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
 * The same on a server that is connected. What runs is asked for once: a namespace has 10 such questions a second.
 *
 * @internal Tests on a real machine use this part alone.
 */
export async function namespaceStatus(temporal: Temporal, namespace: string): Promise<TemporalStatus> {
  const running = await findRunning(temporal, namespace);
  const [list, queues] = await Promise.all([
    listWorkflows(temporal, namespace, { limit: looked, running }),
    workers(temporal, namespace, { running }),
  ]);
  return { kind: 'seen', namespace, list, queues };
}
