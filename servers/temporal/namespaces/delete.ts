import { CoppiceError } from '../../../core/errors.ts';
import { until } from '../../../core/until.ts';
import { isRefusal, status } from '../connection/grpc-error.ts';
import type { Temporal } from '../types.ts';
import { isSameOwner, type NamespaceOwner } from './mark.ts';
import { findNamespace, namespaceOf } from './namespace.ts';
import { refuseProtected } from './protected.ts';

/** Which namespace to delete. */
export interface Deleted {
  readonly name: string;
  readonly owner: NamespaceOwner;
  /** Id of the namespace that was seen before: one that was recreated under the name since then stays. */
  readonly id?: string;
}

/**
 * Deletes an environment's namespace with its workflows, running or not. The name is free when this returns; the
 * contents are deleted later. False when there is none of this owner, or none with this id. May be repeated.
 */
export async function deleteNamespace(temporal: Temporal, { name, owner, id }: Deleted): Promise<boolean> {
  refuseProtected(name);
  const found = await findNamespace(temporal, name);
  if (!found?.mark || found.deleting || !isSameOwner(found.mark, owner)) return false;
  if (id !== undefined && found.id !== id) return false;
  await deleteById(temporal, found.id);
  return true;
}

const longestMilliseconds = 60_000;

/**
 * By id, never by name: the server may still resolve the name to a deleted namespace. But it deletes by id one at a
 * time: a concurrent call gets the response of the first one, and its own namespace stays without any error (server
 * 1.32.0: the deleting workflow is named after the namespace name, which is missing here). So this checks, and repeats
 * the call: ten at once take no longer than by name, as the server's work takes the time.
 */
export async function deleteById(temporal: Temporal, namespaceId: string): Promise<void> {
  const attempt = async () => {
    try {
      await temporal.operator.deleteNamespace({ namespaceId });
    } catch (error) {
      // Under load one takes seconds, and some wait for several.
      if (!isRefusal(error, status.notFound, status.deadlineExceeded)) throw error;
    }
    return isGone(temporal, namespaceId);
  };
  await until(attempt, { every: 0, within: longestMilliseconds, late: () => notDeletedError(namespaceId) });
}

async function isGone({ workflow }: Temporal, id: string): Promise<boolean> {
  try {
    return namespaceOf(await workflow.describeNamespace({ id })).deleting;
  } catch (error) {
    if (isRefusal(error, status.notFound)) return true;
    throw error;
  }
}

function notDeletedError(id: string): CoppiceError {
  return new CoppiceError(
    'COPPICE_TEMPORAL',
    `Temporal says that it deletes the namespace with id ${id}, and has not for ${longestMilliseconds / 1000} seconds`,
    { hint: 'try again when Temporal is less busy' },
  );
}
