import type { Kube } from '../../cluster/kube/client.ts';
import { Label } from '../../core/labels.ts';
import { environmentName } from '../../core/names.ts';
import type { NameClient } from '../../servers/postgres/types.ts';

/** Names the pod that has an address: `pod web-7c9f of shop/main`. Undefined for a program outside of the cluster. */
export function clientNames(kube: Kube): NameClient {
  return async (address) => {
    const found = await kube.core.listPodForAllNamespaces({ fieldSelector: `status.podIP=${address}` });
    const metadata = found.items.find(({ spec }) => !spec?.hostNetwork)?.metadata;
    if (metadata?.name === undefined) return undefined;
    const { [Label.app]: app, [Label.environment]: environment } = metadata.labels ?? {};
    const whose =
      app === undefined || environment === undefined ? '' : ` of ${environmentName(app, environment)}`;
    return `pod ${metadata.name}${whose}`;
  };
}

/** Addresses of an environment's own pods; none where they cannot be listed, and all sessions count as foreign. */
export async function ownClients(kube: Kube, namespace: string): Promise<string[]> {
  try {
    const { items } = await kube.core.listNamespacedPod({ namespace });
    return items.flatMap(({ spec, status }) => (spec?.hostNetwork ? [] : (status?.podIP ?? [])));
  } catch {
    return [];
  }
}
