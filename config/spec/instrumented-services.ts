import type { ServiceSpec, Spec } from './schema/spec.ts';
import type { Instrumented } from './schema/telemetry.ts';

/** Which runtimes of a service are traced without a change in it: what it says itself, else what all say of its runtime. */
export function instrumentedIn(
  { telemetry }: Pick<Spec, 'telemetry'>,
  { runtime, telemetry: own }: Pick<ServiceSpec, 'runtime' | 'telemetry'>,
): readonly Instrumented[] {
  if (telemetry === undefined) return [];
  if (own?.instrument !== undefined) return [...new Set(own.instrument || [])];
  return [...new Set(telemetry.instrument || [])].filter((name) => name === runtime);
}
