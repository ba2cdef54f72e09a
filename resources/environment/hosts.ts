import { type Kube, type KubeAddress, statusOf } from '../../cluster/kube/client.ts';
import { clusterOf } from '../../cluster/kube/connections.ts';
import { CoppiceError } from '../../core/errors.ts';
import { platformNamespace } from '../../core/labels.ts';
import { environmentName, environmentOf } from '../../core/names.ts';

/** A host that answers from a namespace. */
export interface HostClaim {
  readonly host: string;
  readonly namespace: string;
}

/** An environment that is about to have routes. */
interface Wanted {
  readonly app: string;
  readonly slug: string;
  readonly namespace: string;
  readonly routes: readonly { readonly host: string }[];
}

interface HttpRoute {
  readonly metadata?: { readonly namespace?: string };
  readonly spec?: { readonly hostnames?: readonly string[] };
}

/**
 * `host: "{slug}.localhost"` in two apps gives two environments one host, and the gateway would answer from whichever
 * route is older. Throws COPPICE_HOST with whose it is.
 */
export async function requireFreeHosts(address: KubeAddress, wanted: Wanted): Promise<void> {
  refuseTakenHosts(wanted, await hostsOf(await clusterOf(address)));
}

/** @internal Its test passes claims in. */
export function refuseTakenHosts(
  { app, slug, namespace, routes }: Wanted,
  claims: readonly HostClaim[],
): void {
  const wanted = new Set(routes.map(({ host }) => host));
  const taken = claims.find((claim) => claim.namespace !== namespace && wanted.has(claim.host));
  if (taken === undefined) return;
  const { whose, down } = ownerOf(taken.namespace);
  throw new CoppiceError(
    'COPPICE_HOST',
    `http://${taken.host} belongs to ${whose}, so ${environmentName(app, slug)} cannot have it`,
    {
      hint: `write host: "{slug}.{app}.localhost" in coppice.yaml, or choose another name with \`wt up --as NAME\`${down}`,
    },
  );
}

function ownerOf(namespace: string): { readonly whose: string; readonly down: string } {
  if (namespace === platformNamespace) return { whose: 'the platform', down: '' };
  const owner = environmentOf(namespace);
  if (owner === undefined) return { whose: `the namespace ${namespace}`, down: '' };
  const name = environmentName(owner.app, owner.slug);
  return { whose: name, down: `; \`wt down ${name}\` frees it` };
}

/** None where the Gateway API is not installed yet, or other namespaces may not be read. */
async function hostsOf(kube: Kube): Promise<HostClaim[]> {
  try {
    const { items = [] }: { items?: HttpRoute[] } = await kube.objects.listClusterCustomObject({
      group: 'gateway.networking.k8s.io',
      version: 'v1',
      plural: 'httproutes',
    });
    return items.flatMap(({ metadata, spec }) =>
      (spec?.hostnames ?? []).map((host) => ({ host, namespace: metadata?.namespace ?? '' })),
    );
  } catch (error) {
    if ([403, 404].includes(statusOf(error) ?? 0)) return [];
    throw error;
  }
}
