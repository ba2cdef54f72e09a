import { type Inventory, inventory } from '../../servers/temporal/namespaces/inventory.ts';
import { findLeftovers, type Leftover } from '../../servers/temporal/namespaces/leftovers.ts';
import { platformPlace } from '../../servers/temporal/place.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import { connectCluster, reaching } from '../clusters/connection.ts';
import type { Ports } from '../ports.ts';
import { broughtUp, type Witnesses, witnessesOf } from '../target/existing.ts';
import { onTemporal } from './connect.ts';

/** What the platform's Temporal has of ours, and what of it belongs to no environment any more. */
export interface Leftovers {
  readonly found: Inventory;
  /** False when stacks or cluster could not be asked: then nothing is a leftover. */
  readonly known: boolean;
  readonly namespaces: readonly Leftover[];
}

/**
 * Changes nothing. A namespace goes with its environment, so a worktree alone needs none; as the claim in the cluster
 * comes before the namespace, nothing is a leftover that is just being made.
 */
export async function leftoversOf(temporal: Temporal, witnesses: Witnesses): Promise<Leftovers> {
  // First the server: an environment that begins meanwhile is in the cluster before it is here.
  const found = await inventory(temporal);
  const existing = await broughtUp(witnesses);
  return { found, known: existing !== undefined, namespaces: findLeftovers(found, existing) };
}

/** Runs `work` on the platform's server, with those who know which environments there are. */
export async function onPlatformTemporal<T>(
  ports: Ports,
  work: (temporal: Temporal, witnesses: Witnesses) => Promise<T>,
): Promise<T> {
  const { kube, record } = await connectCluster();
  return reaching(record, () =>
    onTemporal(kube, platformPlace(record), ports, (temporal) => work(temporal, witnessesOf(kube))),
  );
}

/** One line for people: `Temporal namespace wt-shop--old: there is no environment shop/old`. */
export function leftoverText({ name, why }: Leftover): string {
  return `Temporal namespace ${name}: ${why}`;
}
