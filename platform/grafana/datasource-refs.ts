import type { DatasourceRef } from './dashboards/model.ts';

/** The two stores of logs that dashboards are written for. */
export const logStores = ['victorialogs', 'loki'] as const;
export type LogStore = (typeof logStores)[number];

/**
 * Fixed uids: dashboards and links name them, so a Grafana of your own needs datasources of these uids, or
 * replaces them at the import.
 */
export const prometheus: DatasourceRef = { type: 'prometheus', uid: 'prometheus' };
export const jaeger: DatasourceRef = { type: 'jaeger', uid: 'jaeger' };

/** One uid for either store: what asks it is written for its type. */
export const logs: Readonly<Record<LogStore, DatasourceRef>> = {
  // https://github.com/VictoriaMetrics/victorialogs-datasource, Apache-2.0
  victorialogs: { type: 'victoriametrics-logs-datasource', uid: 'logs' },
  loki: { type: 'loki', uid: 'logs' },
};
