import { CoppiceError } from '../../core/errors.ts';
import { Attribute, MetricLabel } from '../../core/telemetry.ts';
import { until } from '../../core/until.ts';
import type { Asker } from './reach.ts';

/** Milliseconds for a deletion: VictoriaLogs and Prometheus write the files anew that have some of it. */
const PATIENCE_MS = 60_000;

interface Task {
  readonly task_id: string;
}

/**
 * Deletes every line of a namespace, and of no other; returns when they are gone. Throws COPPICE_TELEMETRY_UNREACHABLE
 * when that takes over a minute, and what the asker throws.
 * https://docs.victoriametrics.com/victorialogs/#how-to-delete-logs
 */
export async function purgeLogs(asker: Asker, namespace: string, signal?: AbortSignal): Promise<void> {
  const filter = `{${Attribute.namespace}=${JSON.stringify(namespace)}}`;
  const begun = (await asker.json('/delete/run_task', { filter }, { signal })) as Task;
  const isDone = async () => {
    const active = (await asker.json('/delete/active_tasks', {}, { signal })) as readonly Task[] | null;
    return !(active ?? []).some(({ task_id }) => task_id === begun.task_id);
  };
  await until(isDone, { within: PATIENCE_MS, every: 200, signal, late: lateError });
}

function lateError(): CoppiceError {
  return new CoppiceError('COPPICE_TELEMETRY_UNREACHABLE', 'VictoriaLogs still deletes after a minute', {
    hint: 'run `wt platform status`',
  });
}

/**
 * Deletes every series of a namespace, and of no other, from the disk too. Throws what the asker throws.
 * https://prometheus.io/docs/prometheus/latest/querying/api/#tsdb-admin-apis
 */
export async function purgeMetrics(asker: Asker, namespace: string, signal?: AbortSignal): Promise<void> {
  const asking = { signal, method: 'POST', within: PATIENCE_MS } as const;
  const matcher = `{${MetricLabel.namespace}=${JSON.stringify(namespace)}}`;
  await asker.text('/api/v1/admin/tsdb/delete_series', { 'match[]': matcher }, asking);
  await asker.text('/api/v1/admin/tsdb/clean_tombstones', {}, asking);
}
