import type { ExistingEnvironment } from '../../../core/owner.ts';
import type { Inventory, MarkedNamespace } from './inventory.ts';

/** A namespace that is no longer needed. */
export interface LeftoverNamespace extends MarkedNamespace {
  readonly why: string;
}

/**
 * Namespaces whose environment is gone, derived from the environments that exist. Undefined means that those could not
 * all be listed: then nothing is a leftover. Only for a server of our own: on a shared one, namespaces of other
 * machines look like leftovers from here.
 */
export function findLeftovers(
  { namespaces }: Inventory,
  existing: readonly ExistingEnvironment[] | undefined,
): LeftoverNamespace[] {
  if (!existing) return [];
  const there = new Set(existing.map(key));
  return namespaces
    .filter(({ mark }) => !there.has(key(mark)))
    .map((one) => ({ ...one, why: `there is no environment ${key(one.mark)}` }));
}

/** Neither part can contain a slash. */
function key({ app, environment }: ExistingEnvironment): string {
  return `${app}/${environment}`;
}
