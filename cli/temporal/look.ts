import type { Kube } from '../../cluster/kube/client.ts';
import { messageOf } from '../../config/errors.ts';
import type { ClusterRecord } from '../../state/cluster-record.ts';
import type { Ports } from '../ports.ts';
import { onTemporal } from './connect.ts';
import { placeOf } from './place.ts';
import type { TemporalResource } from './resource.ts';
import type { TemporalStatus } from './status.ts';

/** How a Temporal namespace stands right now. Never throws: a server that cannot be asked is told in one line. */
export async function look(
  kube: Kube,
  record: ClusterRecord,
  resource: TemporalResource,
  ports: Ports,
): Promise<TemporalStatus> {
  const { namespace } = resource.temporal;
  try {
    return await onTemporal(kube, placeOf(resource, record), ports, async () => {
      return { kind: 'unseen', namespace, why: 'nobody looks yet' };
    });
  } catch (error) {
    return { kind: 'unseen', namespace, why: messageOf(error) };
  }
}
