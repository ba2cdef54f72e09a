import { removeEach, type SweepResult, sweepResult } from '../../core/sweep.ts';
import { deleteNamespace, findLeftovers, type LeftoverNamespace } from '../../servers/temporal/namespaces.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import type { KnownEnvironments, Sweep } from '../context.ts';
import { findNamespaceLeftovers, namespaceLeftover, onPlatformTemporal } from './leftovers.ts';

/**
 * Removes the namespaces of deleted environments from the platform's server: a `down` while the server did not answer
 * leaves one.
 */
export const sweepNamespaces: Sweep = (context) => onPlatformTemporal(context, sweep);

/** The same on a connected server. */
export async function sweep(temporal: Temporal, environments: KnownEnvironments): Promise<SweepResult> {
  const { namespaces } = await findNamespaceLeftovers(temporal, environments);
  const removals = await removeEach(namespaces, (namespace) => remove(temporal, namespace, environments));
  return sweepResult(removals, (namespace) => ({ ...namespaceLeftover(namespace), action: 'removed' }));
}

/**
 * Checks again: an `up` that started since is in the cluster before it adopts its namespace, and earlier removals took
 * time. One that was recreated under the same name stays. False when nothing is to be removed.
 */
async function remove(
  temporal: Temporal,
  namespace: LeftoverNamespace,
  environments: KnownEnvironments,
): Promise<false | undefined> {
  const found = { namespaces: [namespace], deleting: [] };
  if (findLeftovers(found, await environments.broughtUp()).length === 0) return false;
  const { name, id, mark } = namespace;
  return (await deleteNamespace(temporal, { name, id, owner: mark })) ? undefined : false;
}
