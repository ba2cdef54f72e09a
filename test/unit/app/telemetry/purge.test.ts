import { expect, test } from 'vitest';
import { purgeStores } from '../../../../app/telemetry/purge.ts';
import { isFinished, telemetryLines } from '../../../../cli/ui/purged.ts';
import { CoppiceError } from '../../../../core/errors.ts';
import { logsUi } from '../../../../platform/logs/deployment.ts';
import { metricsUi } from '../../../../platform/metrics/deployment.ts';
import type { Asker, Store } from '../../../../servers/telemetry/reach.ts';

/** A store that notes what it was asked. */
function storeThat(asked: string[], { hasTraces = false } = {}): Asker {
  const note = (path: string, query: object = {}) => asked.push(`${path} ${JSON.stringify(query)}`);
  const span = {
    traceID: 'a'.repeat(32),
    spanID: 'b'.repeat(16),
    operationName: 'GET /',
    startTime: Date.now() * 1000,
    duration: 1,
    tags: [{ key: 'k8s.namespace.name', type: 'string', value: 'wt-shop--old' }],
    processID: 'p1',
  };
  const process = {
    serviceName: 'web',
    tags: [{ key: 'k8s.namespace.name', type: 'string', value: 'wt-shop--old' }],
  };
  const trace = { traceID: span.traceID, spans: [span], processes: { p1: process } };
  return {
    text: async (path, query) => {
      note(path, query);
      return '';
    },
    json: async (path, query) => {
      note(path, query);
      if (path === '/delete/run_task') return { task_id: '1' };
      if (path === '/delete/active_tasks') return [];
      if (path === '/api/services') return { data: ['web'] };
      return { data: hasTraces ? [trace] : [] };
    },
    lines: async () => [],
  };
}

const { signal } = new AbortController();
const away = new CoppiceError('COPPICE_TELEMETRY_UNREACHABLE', 'VictoriaLogs is not ready');
const absent = new CoppiceError('COPPICE_NO_TELEMETRY', 'the platform of this cluster has no Jaeger');

test('each store is asked to delete one namespace, by its whole name', async () => {
  const asked: string[] = [];
  const purged = await purgeStores(async () => storeThat(asked), 'wt-shop--old', signal);
  expect(purged).toEqual({ deleted: ['logs', 'metrics', 'traces'], left: [] });
  const deletions = asked.filter((one) => /run_task|delete_series/.test(one));
  expect(deletions.sort()).toEqual([
    '/api/v1/admin/tsdb/delete_series {"match[]":"{k8s_namespace_name=\\"wt-shop--old\\"}"}',
    '/delete/run_task {"filter":"{k8s.namespace.name=\\"wt-shop--old\\"}"}',
  ]);
});

test('traces that Jaeger has are told, and do not make the purge unfinished', async () => {
  const purged = await purgeStores(async () => storeThat([], { hasTraces: true }), 'wt-shop--old', signal);
  expect(purged).toMatchObject({
    deleted: ['logs', 'metrics'],
    left: [{ store: 'traces', kind: 'expires' }],
  });
  expect(isFinished(purged)).toBe(true);
  expect(telemetryLines(purged, 'wt down old --purge', '  telemetry ')).toEqual([
    '  telemetry  logs, metrics: nothing of it is left; counters of its last half hour may come once more',
    '  telemetry  traces stay: Jaeger cannot delete them: it forgets each 3 days after it came',
  ]);
});

test('a store that is away takes nothing from the others, and the command that finishes is told', async () => {
  const ask = async (store: Store) => {
    if (store === 'logs') throw away;
    if (store === 'traces') throw absent;
    return storeThat([]);
  };
  const purged = await purgeStores(ask, 'wt-shop--old', signal);
  expect(purged).toMatchObject({ deleted: ['metrics'], left: [{ store: 'logs', kind: 'away' }] });
  expect(isFinished(purged)).toBe(false);
  expect(telemetryLines(purged, 'wt down old --purge', '')).toContain(
    ' logs stay: VictoriaLogs is not ready; `wt down old --purge` deletes them later',
  );
});

test('a platform without stores has nothing to delete, and says so', async () => {
  const purged = await purgeStores(() => Promise.reject(absent), 'wt-shop--old', signal);
  expect(purged).toEqual({ deleted: [], left: [] });
  expect(telemetryLines(purged, '', '')).toEqual([' there was none: the platform has no store']);
});

test('no route of the gateway leads to what deletes', () => {
  const routed = [...logsUi.matches, ...metricsUi.matches].flatMap(({ path }) =>
    path?.type === 'PathPrefix' ? [path.value ?? ''] : [],
  );
  expect(routed.length).toBeGreaterThan(10);
  const deleting = ['/delete/run_task', '/delete/active_tasks', '/api/v1/admin/tsdb/delete_series'];
  for (const path of deleting) expect(routed.filter((prefix) => path.startsWith(prefix))).toEqual([]);
});
