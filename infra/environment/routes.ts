import type { Input } from '@pulumi/pulumi/output.js';
import type { EnvironmentPlan, RoutePlan } from '../../config/plan/plan.ts';
import { gateway, platformNamespace } from '../../core/labels.ts';
import type { HttpRouteSpec } from '../../resources/kubernetes-object.ts';

export interface HostPlan {
  /** Name of the HTTPRoute: that of the service that answers at `/`. */
  readonly name: string;
  readonly host: string;
  /** Longest path first, as they are matched. */
  readonly routes: readonly RoutePlan[];
}

/**
 * The routes by host. One HTTPRoute has all paths of a host, so Traefik never serves `/` from one service before it
 * knows that `/api` belongs to another.
 */
export function hostsOf(routes: readonly RoutePlan[]): HostPlan[] {
  const hosts = [...new Set(routes.map(({ host }) => host))];
  return hosts.map((host) => {
    const mine = routes.filter((route) => route.host === host);
    const sorted = [...mine].sort((one, other) => other.path.length - one.path.length);
    return { name: sorted.at(-1)?.service ?? host, host, routes: sorted };
  });
}

export function httpRouteSpec(
  { host, routes }: HostPlan,
  plan: EnvironmentPlan,
  headers: Readonly<Record<string, Input<string>>>,
): HttpRouteSpec {
  const set = Object.entries(headers).map(([name, value]) => ({ name, value }));
  return {
    parentRefs: [{ name: gateway.name, namespace: platformNamespace, sectionName: gateway.listener }],
    hostnames: [host],
    rules: routes.map(({ path, service }) => ({
      matches: [{ path: { type: 'PathPrefix', value: path } }],
      filters: [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { set } }],
      backendRefs: [{ name: service, port: portOf(plan, service) }],
    })),
  };
}

function portOf({ services }: EnvironmentPlan, name: string): number {
  const port = services.find((service) => service.name === name)?.port;
  if (port === undefined) throw new Error(`the plan routes to ${name}, which has no port`);
  return port;
}
