import { gateway, platformNamespace } from '../../core/labels.ts';
import type { PartPlan } from '../../platform/part.ts';
import type { ReadyPlan } from '../../resources/ready/contract.ts';

/** The conditions for the platform to be ready; `port` is the gateway's on this machine. */
export function expectations(plans: readonly PartPlan[], port: number): ReadyPlan {
  return {
    namespace: platformNamespace,
    services: plans.map(({ pod }) => ({ ...pod, replicas: 1 })),
    gateway: gateway.name,
    ...routesOf(plans, port),
  };
}

function routesOf(plans: readonly PartPlan[], port: number): Pick<ReadyPlan, 'routes' | 'http' | 'headers'> {
  const expected = plans.flatMap(({ pod, route }) => (route ? [{ service: pod.name, ...route }] : []));
  const [first] = expected;
  if (first === undefined) return { routes: [] };
  const { headers } = first;
  return {
    routes: expected.map(({ headers: own, ...route }) =>
      own === headers ? route : { ...route, headers: own },
    ),
    http: { address: '127.0.0.1', port },
    headers,
  };
}
