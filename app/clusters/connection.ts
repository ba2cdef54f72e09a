import { type Kube, statusOf } from '../../cluster/kube/client.ts';
import { CoppiceError, messageOf } from '../../core/errors.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { requireClusterRecord } from './require-record.ts';

export interface Connection {
  readonly kube: Kube;
  readonly record: ClusterRecord;
}

/** A connection to this user's cluster. Throws COPPICE_NO_CLUSTER, COPPICE_KUBECONFIG (exit code 3). */
export async function connectCluster(): Promise<Connection> {
  return connectTo(await requireClusterRecord());
}

/** Throws COPPICE_KUBECONFIG (exit code 3). */
export async function connectTo(record: ClusterRecord): Promise<Connection> {
  const { connect } = await import('../../cluster/kube/client.ts');
  return { kube: await connect({ kubeconfig: record.kubeconfig, context: record.context }), record };
}

/** Runs calls to the API server; a call without any answer becomes COPPICE_CLUSTER_DOWN (exit code 3). */
export async function callCluster<T>(record: ClusterRecord, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (statusOf(error) !== undefined || error instanceof CoppiceError || !isNetworkError(error)) throw error;
    const command = record.driver === 'embedded' ? 'sudo wt cluster start' : 'wt cluster status';
    throw new CoppiceError(
      'COPPICE_CLUSTER_DOWN',
      `the cluster does not answer: ${messageOf(error).replace(/^.* reason: /, '')}`,
      {
        hint: command,
        cause: error,
      },
    );
  }
}

const networkCodes = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EPIPE',
];

function isNetworkError(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (typeof code === 'string') return networkCodes.includes(code);
  const cause = (error as { cause?: unknown } | undefined)?.cause;
  return cause === undefined
    ? /ECONNREFUSED|socket hang up|fetch failed/.test(messageOf(error))
    : isNetworkError(cause);
}
