import type { EnvironmentPlan, RoutePlan, ServicePlan } from '../../config/plan/plan.ts';
import { defaultTimeoutSeconds, type ExpectedRoute, type ReadyPlan } from '../../resources/ready/contract.ts';
import { configHash } from './config-hash.ts';

/** Where the routes of a cluster on this machine answer: names under `.localhost` do not resolve everywhere. */
const loopback = '127.0.0.1';

/**
 * The conditions for an environment to be ready, without the headers (they contain the environment's id): shared by the
 * program, the quick answer of an unchanged `up`, and `wt status`.
 */
export function expectations(
  plan: EnvironmentPlan,
  httpPort: number,
): Pick<ReadyPlan, 'namespace' | 'services' | 'routes' | 'http'> {
  return {
    namespace: plan.namespace,
    services: plan.services.map((service) => ({
      name: service.name,
      replicas: service.replicas,
      configHash: configHash(plan, service),
      timeoutSeconds: service.readyTimeoutSeconds ?? defaultTimeoutSeconds,
    })),
    // A service that is switched off is expected not to answer.
    routes: plan.routes
      .filter(({ service }) => serviceOf(plan, service).replicas > 0)
      .map((route) => expectedRoute(plan, route)),
    http: { address: loopback, port: httpPort },
  };
}

function expectedRoute(plan: EnvironmentPlan, route: RoutePlan): ExpectedRoute {
  const { protocol } = serviceOf(plan, route.service);
  const asked = { service: route.service, host: route.host, path: askedPath(plan, route) };
  return protocol === undefined ? asked : { ...asked, http2: true };
}

/**
 * The ready path is known to answer at the service's own root; below another prefix only the prefix itself is known.
 */
function askedPath(plan: EnvironmentPlan, route: RoutePlan): string {
  return route.path === '/' ? (serviceOf(plan, route.service).readyPath ?? '/') : route.path;
}

function serviceOf({ services }: EnvironmentPlan, name: string): ServicePlan {
  const service = services.find((candidate) => candidate.name === name);
  if (!service) throw new Error(`the plan routes to ${name}, which is not among its services`);
  return service;
}
