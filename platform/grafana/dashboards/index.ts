import type { LogStore } from '../datasource-refs.ts';
import { environmentDashboard } from './environment.ts';
import { environmentsDashboard } from './environments.ts';
import type { Dashboard } from './model.ts';
import { platformDashboard } from './platform.ts';

/** Every dashboard under the name of its file, without `.json`. */
export function dashboardsFor(store: LogStore): Readonly<Record<string, Dashboard>> {
  return {
    environment: environmentDashboard(store),
    environments: environmentsDashboard(store),
    platform: platformDashboard(store),
  };
}
