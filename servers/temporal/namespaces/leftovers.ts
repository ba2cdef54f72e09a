import type { ExistingEnvironment } from '../../../core/owner.ts';
import type { Inventory, MarkedNamespace } from './inventory.ts';

/** A namespace that nothing needs any more. */
export interface LeftoverNamespace extends MarkedNamespace {
  readonly why: string;
}

/**
 * Namespaces of environments that are gone, found forwards from those that exist. Undefined for these means that
 * somebody could not be asked: then nothing is a leftover. Only for a server of our own: what other machines have made
 * on a shared one looks like a leftover from here.
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

/** A slash is in neither part. */
function key({ app, environment }: ExistingEnvironment): string {
  return `${app}/${environment}`;
}
