import type { Leftover } from '../../core/sweep.ts';
import {
  findLeftovers,
  type Inventory,
  inventory,
  type LeftoverNamespace,
} from '../../servers/temporal/namespaces.ts';
import { platformPlace } from '../../servers/temporal/place.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import { type Connection, reaching } from '../clusters/connection.ts';
import type { Ports } from '../ports.ts';
import { broughtUp, type Witnesses, witnessesOf } from '../target/existing.ts';
import { onTemporal } from './connect.ts';

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
  witnesses: Witnesses,
): Promise<NamespaceLeftovers> {
  // First the server: an environment that begins meanwhile is in the cluster before it is here.
  const found = await inventory(temporal);
  const existing = await broughtUp(witnesses);
  return { found, known: existing !== undefined, namespaces: findLeftovers(found, existing) };
}

/** Runs `work` on the platform's server, with those who know which environments there are. */
export async function onPlatformTemporal<T>(
  { kube, record }: Connection,
  ports: Ports,
  work: (temporal: Temporal, witnesses: Witnesses) => Promise<T>,
): Promise<T> {
  return reaching(record, () =>
    onTemporal(kube, platformPlace(record), ports, (temporal) => work(temporal, witnessesOf(kube))),
  );
}

/** A namespace as every shared server has its leftovers. */
export function namespaceLeftover({ name, why }: LeftoverNamespace): Leftover {
  return { kind: 'namespace', name, why };
}
