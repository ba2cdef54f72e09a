import type { temporal as proto } from '@temporalio/proto';
import { isRefusal, status } from '../connection/grpc-error.ts';
import type { Temporal } from '../types.ts';
import { type Mark, readMark } from './mark.ts';

/** A namespace as stored by the server. */
export interface Namespace {
  readonly id: string;
  readonly name: string;
  /** It is being deleted: renamed in a moment, and gone some seconds later. */
  readonly deleting: boolean;
  /** Undefined when it is not ours. */
  readonly mark: Mark | undefined;
  readonly retentionSeconds: number;
}

/** temporal.api.enums.v1.NamespaceState */
const deleted = 3;

/** Bypasses the server's caches. Undefined when there is no namespace of that name. */
export async function findNamespace(temporal: Temporal, name: string): Promise<Namespace | undefined> {
  try {
    return namespaceOf(await temporal.workflow.describeNamespace({ namespace: name }));
  } catch (error) {
    if (isRefusal(error, status.notFound)) return undefined;
    throw error;
  }
}

export function namespaceOf(described: proto.api.workflowservice.v1.IDescribeNamespaceResponse): Namespace {
  const { namespaceInfo, config } = described;
  return {
    id: namespaceInfo?.id ?? '',
    name: namespaceInfo?.name ?? '',
    deleting: namespaceInfo?.state === deleted,
    mark: readMark(namespaceInfo?.data),
    retentionSeconds: Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0),
  };
}
