import type { Owner } from '../config/owner.ts';
import { isSameOwner } from './mark.ts';
import { findNamespace } from './namespace.ts';
import { refuseProtected } from './protected.ts';
import { isRefusal, status } from './refusal.ts';
import type { Temporal } from './types.ts';

/**
 * Deletes an environment's namespace with its workflows, whether they run or not: one call, and the name is free when
 * it ends. What was in it goes later. False when there is none of this owner. May be repeated.
 */
export async function deleteNamespace(
  temporal: Temporal,
  { name, owner }: { readonly name: string; readonly owner: Owner },
): Promise<boolean> {
  refuseProtected(name);
  const found = await findNamespace(temporal, name);
  if (!found?.mark || found.going || !isSameOwner(found.mark, owner)) return false;
  return deleteById(temporal, found.id);
}

/** By id, never by name: the server may still believe that the name means a namespace of before. */
export async function deleteById({ operator }: Temporal, namespaceId: string): Promise<boolean> {
  try {
    await operator.deleteNamespace({ namespaceId });
    return true;
  } catch (error) {
    if (isRefusal(error, status.notFound)) return false;
    throw error;
  }
}
