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

/** What the platform's Temporal has of ours, and what of it belongs to no environment any more. */
export interface NamespaceLeftovers {
  readonly found: Inventory;
  /** False when stacks or cluster could not be asked: then nothing is a leftover. */
  readonly known: boolean;
  readonly namespaces: readonly LeftoverNamespace[];
}

/**
 * Changes nothing. A namespace goes with its environment, so a worktree alone needs none; as the claim in the cluster
 * comes before the namespace, nothing is a leftover that is just being made.
 */
export async function findNamespaceLeftovers(
  temporal: Temporal,
  environments: KnownEnvironments,
): Promise<NamespaceLeftovers> {
  // First the server: an environment that begins meanwhile is in the cluster before it is here.
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

/** A namespace as every shared server has its leftovers. */
export function namespaceLeftover({ name, why }: LeftoverNamespace): Leftover {
  return { kind: 'namespace', name, why };
}
