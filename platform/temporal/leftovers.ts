import type { Leftover } from '../../core/sweep.ts';
import {
  findLeftovers,
  type Inventory,
  inventory,
  type LeftoverNamespace,
} from '../../servers/temporal/namespaces.ts';
import { platformPlace } from '../../servers/temporal/place.ts';
import { withTemporal } from '../../servers/temporal/reach.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import type { KnownEnvironments, PartContext } from '../context.ts';

/** Our namespaces on the platform's Temporal, and those without an environment. */
export interface NamespaceLeftovers {
  readonly found: Inventory;
  /** False when stacks or cluster could not be queried: then nothing is a leftover. */
  readonly known: boolean;
  readonly namespaces: readonly LeftoverNamespace[];
}

/**
 * Changes nothing. A namespace is deleted with its environment, so a worktree alone needs none; as the claim in the
 * cluster comes before the namespace, one that is being created is never a leftover.
 */
export async function findNamespaceLeftovers(
  temporal: Temporal,
  environments: KnownEnvironments,
): Promise<NamespaceLeftovers> {
  // The server first: an environment that starts in the meantime is in the cluster before it is here.
  const found = await inventory(temporal);
  const existing = await environments.broughtUp();
  return { found, known: existing !== undefined, namespaces: findLeftovers(found, existing) };
}

/** Runs `work` on the platform's server. */
export function onPlatformTemporal<T>(
  { kube, record, signal, environments }: PartContext,
  work: (temporal: Temporal, environments: KnownEnvironments) => Promise<T>,
): Promise<T> {
  return withTemporal(kube, { server: platformPlace(record) }, signal, (temporal) =>
    work(temporal, environments),
  );
}

/** A namespace in the form common to all shared servers. */
export function namespaceLeftover({ name, why }: LeftoverNamespace): Leftover {
  return { kind: 'namespace', name, why };
}
