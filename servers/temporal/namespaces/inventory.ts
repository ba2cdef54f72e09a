import { defined } from '../../../core/defined.ts';
import { isRefusal, status } from '../connection/grpc-error.ts';
import { timeOf } from '../connection/times.ts';
import type { Temporal } from '../types.ts';
import type { Mark } from './mark.ts';
import { namespaceOf } from './namespace.ts';

/** A namespace that was created for an environment. */
export interface MarkedNamespace {
  readonly name: string;
  readonly id: string;
  readonly mark: Mark;
}

/** A namespace that Temporal is about to remove with its contents. */
export interface DeletingNamespace {
  /** Its current name: the previous one with `-deleted-` and the beginning of its id. */
  readonly name: string;
  readonly id: string;
  /** ISO 8601; absent where the server does not report it. */
  readonly deletedAt?: string;
}

/** Our namespaces on a server. */
export interface Inventory {
  readonly namespaces: readonly MarkedNamespace[];
  /** Only those that were ours. */
  readonly deleting: readonly DeletingNamespace[];
}

/** All our namespaces, sorted by name. */
export async function inventory(temporal: Temporal): Promise<Inventory> {
  const found = await allNamespaces(temporal);
  const ours = found.flatMap(({ name, id, deleting, mark }) => (mark ? [{ name, id, deleting, mark }] : []));
  const deleting = ours.filter((one) => one.deleting);
  const times = deleting.length > 0 ? await deletionTimes(temporal) : new Map<string, string>();
  return {
    namespaces: ours.filter((one) => !one.deleting).map(({ name, id, mark }) => ({ name, id, mark })),
    deleting: deleting.map(({ name, id }) => {
      const deletedAt = times.get(name);
      return { name, id, ...defined({ deletedAt }) };
    }),
  };
}

async function allNamespaces({ workflow }: Temporal) {
  const found = [];
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await workflow.listNamespaces({
      pageSize: 200,
      nextPageToken,
      namespaceFilter: { includeDeleted: true },
    });
    found.push(...page.namespaces.map(namespaceOf));
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
  return found.sort((one, other) => (one.name < other.name ? -1 : 1));
}

const reclaim = 'temporal-sys-reclaim-namespace-resources-workflow';

/**
 * When each was deleted: Temporal's own workflow that removes the contents starts then and is named after the
 * namespace. Empty where the server does not show its own workflows, as on Temporal Cloud.
 */
async function deletionTimes({ workflow }: Temporal): Promise<Map<string, string>> {
  const times = new Map<string, string>();
  let nextPageToken: Uint8Array = new Uint8Array();
  try {
    do {
      const page = await workflow.listWorkflowExecutions({
        namespace: 'temporal-system',
        query: `WorkflowType='${reclaim}'`,
        pageSize: 1000,
        nextPageToken,
      });
      for (const { execution, startTime } of page.executions) {
        const name = execution?.workflowId?.slice(reclaim.length + 1) ?? '';
        const time = timeOf(startTime);
        if (time) times.set(name, time.toISOString());
      }
      nextPageToken = page.nextPageToken;
    } while (nextPageToken.length > 0);
  } catch (error) {
    if (!isRefusal(error, status.notFound, status.permissionDenied, status.invalidArgument)) throw error;
  }
  return times;
}
