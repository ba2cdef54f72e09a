import { stringify } from 'yaml';
import { dashboardsFor } from './dashboards/index.ts';
import type { LogStore } from './datasource-refs.ts';
import { datasourceFile } from './datasources.ts';

/** Folders in the pod. */
export const folders = {
  provisioning: '/etc/grafana/provisioning',
  dashboards: '/etc/coppice/dashboards',
  /** Database, plugins: nothing that has to be kept. */
  data: '/var/lib/grafana',
} as const;

/** Where dashboards come from: https://grafana.com/docs/grafana/latest/administration/provisioning/#dashboards */
const dashboardProviders = {
  apiVersion: 1,
  providers: [
    {
      name: 'coppice',
      folder: 'Coppice',
      type: 'file',
      disableDeletion: true,
      allowUiUpdates: false,
      options: { path: folders.dashboards },
    },
  ],
} as const;

/** Files below {@link folders}.provisioning, by the name of their folder. */
export function provisioningFiles(store: LogStore): Readonly<Record<'datasources' | 'dashboards', string>> {
  return {
    // Grafana would put variables of its own process where a `$` is.
    datasources: stringify(datasourceFile(store), { lineWidth: 0 }).replaceAll('$', '$$$$'),
    dashboards: stringify(dashboardProviders),
  };
}

/** Files of {@link folders}.dashboards. */
export function dashboardFilesOf(store: LogStore): Record<string, string> {
  const entries = Object.entries(dashboardsFor(store));
  return Object.fromEntries(entries.map(([name, dashboard]) => [`${name}.json`, JSON.stringify(dashboard)]));
}
