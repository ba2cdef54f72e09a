import { CoppiceError, messageOf } from '../core/errors.ts';
import type { ClusterRecord } from '../core/state/cluster-record.ts';
import { type ApiTarget, callApi } from './drivers/api.ts';
import { requireSameUid } from './kube/same-cluster.ts';

/**
 * uid of the namespace kube-system: identifies a cluster, whatever its context is called. Throws COPPICE_UNREACHABLE,
 * or COPPICE_FORBIDDEN when it may not be read.
 */
export async function answeringUid(target: ApiTarget): Promise<string> {
  const { status, body } = await callApi(target, '/api/v1/namespaces/kube-system').catch((error: unknown) => {
    throw new CoppiceError(
      'COPPICE_UNREACHABLE',
      `the cluster of context ${target.context} does not answer: ${messageOf(error)}`,
      {
        hint: 'check that it is running and that the kubeconfig is right; `wt cluster status` tries again',
        cause: error,
      },
    );
  });
  if (status !== 200) {
    throw new CoppiceError(
      'COPPICE_FORBIDDEN',
      `the cluster of context ${target.context} answered ${status} to a request for the namespace kube-system`,
      { hint: 'its uid identifies the cluster; the context needs `get` on namespaces' },
    );
  }
  return (JSON.parse(body) as { metadata: { uid: string } }).metadata.uid;
}

/**
 * Call before any delete: throws COPPICE_OTHER_CLUSTER when the context now leads to a cluster other than the recorded
 * one.
 */
export async function assertSameCluster(
  record: Pick<ClusterRecord, 'kubeconfig' | 'context' | 'uid'>,
): Promise<void> {
  requireSameUid(record.context, await answeringUid(record), record.uid);
}
