import { runsPython } from './runs-python.ts';
import type { ServiceSpec, Spec } from './schema/spec.ts';
import type { Instrumented } from './schema/telemetry.ts';

type RunningSpec = Pick<ServiceSpec, 'runtime' | 'image' | 'command'>;

/** Which runtimes of a service are traced without a change in it: what it says itself, else what all say and it runs. */
export function instrumentedIn(
  { telemetry }: Pick<Spec, 'telemetry'>,
  service: RunningSpec & Pick<ServiceSpec, 'telemetry'>,
): readonly Instrumented[] {
  if (telemetry === undefined) return [];
  const own = service.telemetry?.instrument;
  if (own !== undefined) return [...new Set(own || [])];
  return [...new Set(telemetry.instrument || [])].filter((name) => runs(name, service));
}

/** Whether a service runs a language, as far as it is written. */
export function runs(language: Instrumented, service: RunningSpec): boolean {
  return service.runtime === language || (language === 'python' && runsPython(service));
}
