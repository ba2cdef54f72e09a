import type { ServiceSpec } from './schema/spec.ts';

/** Services that could answer at the environment's own host: those with a port that do not opt out. */
export function primaryCandidates(services: Readonly<Record<string, ServiceSpec>>): string[] {
  return Object.keys(services).filter(
    (name) => services[name]?.port !== undefined && services[name]?.primary !== false,
  );
}

/** The service with `primary: true`, or the only candidate; undefined if no service answers there. */
export function primaryService(services: Readonly<Record<string, ServiceSpec>>): string | undefined {
  const chosen = Object.keys(services).find((name) => services[name]?.primary === true);
  if (chosen !== undefined) return chosen;
  const candidates = primaryCandidates(services);
  return candidates.length === 1 ? candidates[0] : undefined;
}
