import { primaryHost, serviceHost } from '../../core/names.ts';
import { primaryService } from '../spec/primary-service.ts';
import { hasRoute } from '../spec/protocol.ts';
import type { Spec } from '../spec/schema/spec.ts';
import type { RoutePlan } from './environment-plan.ts';

/**
 * The primary service answers at the environment's host, every other service with a port at its own host; `paths`
 * additionally put a service under the primary host.
 */
export function planRoutes(spec: Spec, where: { slug: string; httpPort: number }): RoutePlan[] {
  const primary = primaryService(spec.services);
  const top = primaryHost(spec.name, where.slug, spec.host);
  const route = (service: string, host: string, path: string): RoutePlan => ({
    service,
    host,
    path,
    url: `http://${host}${where.httpPort === 80 ? '' : `:${where.httpPort}`}${path}`,
  });
  return Object.entries(spec.services).flatMap(([name, service]) => {
    if (!hasRoute(service)) return [];
    const { paths } = service;
    if (name === primary) return [route(name, top, '/')];
    // A trailing slash does not change a prefix, and the Gateway API compares without it.
    const below = paths.map((path) => route(name, top, path.replace(/\/$/, '')));
    return [route(name, serviceHost(name, spec.name, where.slug, spec.host), '/'), ...below];
  });
}

/** Where people reach a service: its own host, or the environment's if it is primary. No trailing slash. */
export function publicUrl(service: string, routes: readonly RoutePlan[]): string | undefined {
  return routes.find((route) => route.service === service && route.path === '/')?.url.replace(/\/$/, '');
}
