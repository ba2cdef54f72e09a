import { hasRoute, protocolOf } from './protocol.ts';
import type { ServiceSpec } from './schema/spec.ts';

/**
 * Services that could answer at the environment's own host: those with a URL that do not opt out. One of HTTP/2 only is
 * a candidate where no other is, as browsers cannot talk gRPC.
 */
export function primaryCandidates(services: Readonly<Record<string, ServiceSpec>>): string[] {
  const willing = Object.keys(services).filter((name) => {
    const service = services[name];
    return service !== undefined && service.primary !== false && hasRoute(service);
  });
  const http = willing.filter((name) => protocolOf(services[name] ?? {}) === 'http');
  return http.length > 0 ? http : willing;
}

/** The service with `primary: true`, or the only candidate; undefined if no service answers there. */
export function primaryService(services: Readonly<Record<string, ServiceSpec>>): string | undefined {
  const chosen = Object.keys(services).find((name) => services[name]?.primary === true);
  if (chosen !== undefined) return chosen;
  const candidates = primaryCandidates(services);
  return candidates.length === 1 ? candidates[0] : undefined;
}
