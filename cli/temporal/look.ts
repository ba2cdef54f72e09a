import type { Kube } from '../../cluster/kube/client.ts';
import { messageOf } from '../../config/errors.ts';
import type { ClusterRecord } from '../../state/cluster-record.ts';
import { workers } from '../../temporal/workers.ts';
import { listWorkflows } from '../../temporal/workflows.ts';
import type { Ports } from '../ports.ts';
import { onTemporal } from './connect.ts';
import { isNamespaceGone } from './namespace.ts';
import { placeOf } from './place.ts';
import type { TemporalResource } from './resource.ts';
import type { TemporalStatus } from './status.ts';

/** As many running ones are looked at for what is stuck: a status is asked often. */
const looked = 100;

/** How a Temporal namespace stands right now. Never throws: a server that cannot be asked is told in one line. */
export async function look(
  kube: Kube,
  record: ClusterRecord,
  resource: TemporalResource,
  ports: Ports,
): Promise<TemporalStatus> {
  const { namespace } = resource.temporal;
  try {
    return await onTemporal(kube, placeOf(resource, record), ports, async (temporal) => {
      const [list, queues] = await Promise.all([
        listWorkflows(temporal, namespace, { limit: looked }),
        workers(temporal, namespace),
      ]);
      return { kind: 'seen', namespace, list, queues };
    });
  } catch (error) {
    const why = isNamespaceGone(error) ? 'it is gone; wt up makes it again' : messageOf(error);
    return { kind: 'unseen', namespace, why };
  }
}
