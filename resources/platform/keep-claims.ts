import type { Kube } from '../../cluster/kube/client.ts';
import { untilNoPods } from '../../cluster/kube/empty-namespace.ts';
import { Label, managedBy } from '../../core/labels.ts';

const gatewayApi = { group: 'gateway.networking.k8s.io', version: 'v1' };

/** Whether claims of the namespace hold data, which would be deleted with it. */
export async function hasClaims(kube: Kube, namespace: string): Promise<boolean> {
  const { items } = await kube.core.listNamespacedPersistentVolumeClaim({ namespace });
  return items.length > 0;
}

/** Removes all of ours in a namespace except its claims, and returns when no pod is left. */
export async function emptyButClaims(kube: Kube, namespace: string, signal: AbortSignal): Promise<void> {
  const ours = { namespace, labelSelector: `${Label.managedBy}=${managedBy}` };
  await kube.apps.deleteCollectionNamespacedDeployment({ ...ours, propagationPolicy: 'Background' });
  await Promise.all([
    kube.core.deleteCollectionNamespacedPod({ namespace }),
    kube.core.deleteCollectionNamespacedService(ours),
    kube.core.deleteCollectionNamespacedConfigMap(ours),
    kube.core.deleteCollectionNamespacedSecret(ours),
    kube.core.deleteCollectionNamespacedServiceAccount(ours),
    ...['gateways', 'httproutes'].map((plural) =>
      kube.objects.deleteCollectionNamespacedCustomObject({ ...gatewayApi, plural, ...ours }),
    ),
  ]);
  await untilNoPods(kube, namespace, { signal });
}
