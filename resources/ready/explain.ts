import type { Kube } from '../../cluster/kube/client.ts';
import { unlessGone } from '../../cluster/kube/client.ts';
import { eventsOf, whyNotReady } from '../../cluster/kube/pods.ts';
import { Label } from '../../core/labels.ts';
import type { ServiceState } from './check.ts';
import type { ReadyPlan } from './contract.ts';

/**
 * The same states with better reasons: from a pod's events, or from what prevents its Deployment from creating pods.
 */
export function explainStates(
  kube: Kube,
  { namespace }: ReadyPlan,
  services: readonly ServiceState[],
): Promise<ServiceState[]> {
  return Promise.all(
    services.map(async (service) => {
      if (service.state !== 'starting') return service;
      if (service.pod !== undefined) return fromPod(kube, namespace, service, service.pod);
      return service.ready < service.replicas ? fromDeployment(kube, namespace, service) : service;
    }),
  );
}

async function fromPod(
  kube: Kube,
  namespace: string,
  service: ServiceState,
  name: string,
): Promise<ServiceState> {
  const pod = await unlessGone(kube.core.readNamespacedPod({ namespace, name }));
  const problem = pod && whyNotReady(pod, await eventsOf(kube, namespace, name));
  return problem
    ? { ...service, reason: problem.reason, state: problem.hopeless ? 'failing' : 'starting' }
    : service;
}

async function fromDeployment(kube: Kube, namespace: string, service: ServiceState): Promise<ServiceState> {
  const { name } = service;
  const deployment = await unlessGone(kube.apps.readNamespacedDeployment({ namespace, name }));
  const repair = '; `pulumi up --refresh` puts that right';
  if (!deployment) return { ...service, state: 'failing', reason: `has no Deployment any more${repair}` };
  const wanted = deployment.spec?.replicas ?? 1;
  if (wanted < service.replicas)
    return { ...service, state: 'failing', reason: `was scaled to ${wanted} by hand${repair}` };
  const labelSelector = `${Label.service}=${name}`;
  const { items } = await kube.apps.listNamespacedReplicaSet({ namespace, labelSelector });
  const failure = items
    .flatMap(({ status }) => status?.conditions ?? [])
    .find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  return failure ? { ...service, reason: `gets no pods: ${failure.message}` } : service;
}
