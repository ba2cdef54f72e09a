import type { ServiceSpec } from './schema/spec.ts';

/** Services that could answer at the environment's own host: those with a port that do not refuse to. */
export function primaryCandidates(services: Readonly<Record<string, ServiceSpec>>): string[] {
  return Object.keys(services).filter(
    (name) => services[name]?.port !== undefined && services[name]?.primary !== false,
  );
}

/** The service that says `primary: true`, or the only one that could be it; undefined when none answers there. */
export function primaryService(services: Readonly<Record<string, ServiceSpec>>): string | undefined {
  const chosen = Object.keys(services).find((name) => services[name]?.primary === true);
  if (chosen !== undefined) return chosen;
  const candidates = primaryCandidates(services);
  return candidates.length === 1 ? candidates[0] : undefined;
}
