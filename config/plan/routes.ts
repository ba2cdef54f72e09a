import { primaryHost, serviceHost } from '../../core/names.ts';
import { primaryService } from '../spec/primary-service.ts';
import type { Spec } from '../spec/schema/spec.ts';
import type { RoutePlan } from './environment-plan.ts';

/**
 * The primary service answers at the environment's host, every other one with a port at a host of its own, and `paths`
 * put a service under the primary host besides.
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
  return Object.entries(spec.services).flatMap(([name, { port, paths }]) => {
    if (port === undefined) return [];
    if (name === primary) return [route(name, top, '/')];
    // A trailing slash changes nothing for a prefix, and the Gateway API compares without it.
    const below = paths.map((path) => route(name, top, path.replace(/\/$/, '')));
    return [route(name, serviceHost(name, spec.name, where.slug, spec.host), '/'), ...below];
  });
}

/** Where people reach a service: its own host, or the environment's for the primary. No slash at the end. */
export function publicUrl(service: string, routes: readonly RoutePlan[]): string | undefined {
  return routes.find((route) => route.service === service && route.path === '/')?.url.replace(/\/$/, '');
}
