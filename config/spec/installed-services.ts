import { installSpec } from './schema/install.ts';
import type { Spec } from './schema/spec.ts';

/** Names of the services whose pods see what `install:` installs; none without it. */
export function installedServices({ install, services }: Pick<Spec, 'install' | 'services'>): string[] {
  if (install === undefined) return [];
  const withRuntime = Object.keys(services).filter((name) => services[name]?.runtime !== undefined);
  return [...new Set(installSpec(install).services ?? withRuntime)];
}
