import type { Kube } from '../../cluster/kube/client.ts';
import { Label } from '../../core/labels.ts';
import type { ReadyPlan } from '../../resources/ready/contract.ts';
import { deployedServices } from './observe.ts';

/** No `up` has succeeded yet: only the Deployments say what there should be. */
export async function planWithoutUp(
  kube: Kube,
  namespace: string,
  services: readonly string[],
): Promise<ReadyPlan> {
  const { items } = await kube.apps.listNamespacedDeployment({ namespace, labelSelector: Label.service });
  const chosen = deployedServices(items).filter(({ name }) => services.includes(name));
  return { namespace, services: chosen, routes: [] };
}
