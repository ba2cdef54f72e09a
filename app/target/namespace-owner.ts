import type { Kube } from '../../cluster/kube/client.ts';
import { claimedBy } from '../../resources/environment/claimed-by.ts';
import { requireOwn } from './ownership.ts';
import type { EnvironmentName } from './target.ts';

/** As {@link requireOwn}, with the owner that the namespace names: a stack may be missing. Throws COPPICE_CLAIMED. */
export async function requireOwnNamespace(kube: Kube, name: EnvironmentName): Promise<void> {
  requireOwn(name, await claimedBy(kube, name.namespace));
}
