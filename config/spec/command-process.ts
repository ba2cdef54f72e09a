import { primaryService } from './primary-service.ts';
import type { ServiceSpec, Spec } from './schema/spec.ts';

type Process = Pick<ServiceSpec, 'runtime' | 'image'>;

/** The process in which a database command runs: its own, else the app's main one, which knows the app's files. */
export function processOf({ services }: Pick<Spec, 'services'>, written: Process): Process {
  if (written.runtime !== undefined || written.image !== undefined) return written;
  const all = Object.values(services);
  const main = services[primaryService(services) ?? ''] ?? (all.length === 1 ? all[0] : undefined);
  if (main?.runtime !== undefined) return { runtime: main.runtime };
  const first = all.find(({ runtime }) => runtime !== undefined) ?? main;
  return { runtime: first?.runtime, image: first?.image };
}
