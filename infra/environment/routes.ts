import type { Input } from '@pulumi/pulumi/output.js';
import type { EnvironmentPlan, RoutePlan } from '../../config/plan/plan.ts';
import { gateway, Header, platformNamespace } from '../../core/labels.ts';
import type { HttpRouteSpec } from '../../resources/kubernetes-object.ts';

/** Limits of one HTTPRoute: https://gateway-api.sigs.k8s.io/reference/spec/#httproutespec */
const most = { rules: 16, matchesOfRule: 64, matches: 128 } as const;

/** The paths of one service at a host, for one rule of an HTTPRoute. */
export interface RulePlan {
  readonly service: string;
  /** Longest first, as they are matched. */
  readonly paths: readonly string[];
}

export interface HostPlan {
  /**
   * Name of the HTTPRoute, and a label, which holds 63 characters: that of the service that answers at `/`, and a number
   * from the second of a host.
   */
  readonly name: string;
  readonly host: string;
  readonly rules: readonly RulePlan[];
}

/** The environment's own host where no service is primary. No service has two dashes in its name. */
const withoutService = 'primary--host';

/**
 * The routes by host. One HTTPRoute has all paths of a host, so Traefik never serves `/` from one service before it
 * knows that `/api` belongs to another. Only a host with more paths than one holds gets several.
 */
export function hostsOf(routes: readonly RoutePlan[]): HostPlan[] {
  const hosts = [...new Set(routes.map(({ host }) => host))];
  return hosts.flatMap((host) => {
    const mine = routes.filter((route) => route.host === host);
    const name = mine.find(({ path }) => path === '/')?.service ?? withoutService;
    return grouped(rulesOf(mine)).map((rules, index) => ({
      // No service has two dashes in its name.
      name: index === 0 ? name : `${name}--${index + 1}`,
      host,
      rules,
    }));
  });
}

/** The service with the longest path first; the one that answers at `/` is last. */
function rulesOf(routes: readonly RoutePlan[]): RulePlan[] {
  const sorted = [...routes].sort((one, other) => other.path.length - one.path.length);
  const services = [...new Set(sorted.map(({ service }) => service))];
  return services.flatMap((service) => {
    const paths = sorted.filter((route) => route.service === service).map(({ path }) => path);
    return chunks(paths, most.matchesOfRule).map((some) => ({ service, paths: some }));
  });
}

/** As few groups as fit one HTTPRoute each. */
function grouped(rules: readonly RulePlan[]): RulePlan[][] {
  const groups: RulePlan[][] = [];
  for (const rule of rules) {
    const last = groups.at(-1);
    const matches = (last ?? []).reduce((sum, { paths }) => sum + paths.length, rule.paths.length);
    if (last !== undefined && last.length < most.rules && matches <= most.matches) last.push(rule);
    else groups.push([rule]);
  }
  return groups;
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

export function httpRouteSpec(
  { host, rules }: HostPlan,
  plan: EnvironmentPlan,
  headers: Readonly<Record<string, Input<string>>>,
): HttpRouteSpec {
  const set = Object.entries(headers).map(([name, value]) => ({ name, value }));
  const of = (service: string) => ({ name: Header.service, value: service });
  return {
    parentRefs: [{ name: gateway.name, namespace: platformNamespace, sectionName: gateway.listener }],
    hostnames: [host],
    rules: rules.map(({ paths, service }) => ({
      matches: paths.map((path) => ({ path: { type: 'PathPrefix', value: path } })),
      filters: [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { set: [...set, of(service)] } }],
      backendRefs: [{ name: service, port: portOf(plan, service) }],
    })),
  };
}

function portOf({ services }: EnvironmentPlan, name: string): number {
  const port = services.find((service) => service.name === name)?.port;
  if (port === undefined) throw new Error(`the plan routes to ${name}, which has no port`);
  return port;
}
