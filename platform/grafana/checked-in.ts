import { dashboardsFor } from './dashboards/index.ts';
import { type LogStore, logStores } from './datasource-refs.ts';
import { lokiFile } from './loki.ts';
import { provisioningFiles } from './provisioning.ts';

/** A file as it is checked in, for a Grafana or a Loki of your own. */
export interface CheckedInFile {
  /** Below the root of this repository. */
  readonly path: string;
  readonly text: string;
}

/** Dashboards and datasources for either store of logs, and the configuration of Loki. */
export function checkedInFiles(): CheckedInFile[] {
  const lokiText = lokiFile({ hours: 168, mebibytes: 8 });
  return [...logStores.flatMap(filesFor), { path: 'dashboards/loki/loki.yaml', text: lokiText }];
}

function filesFor(store: LogStore): CheckedInFile[] {
  const folder = `dashboards/${store}`;
  return [
    ...Object.entries(dashboardsFor(store)).map(([name, dashboard]) => ({
      path: `${folder}/${name}.json`,
      text: `${JSON.stringify(dashboard, null, 2)}\n`,
    })),
    { path: `${folder}/datasources.yaml`, text: provisioningFiles(store).datasources },
  ];
}
