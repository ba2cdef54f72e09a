import { Attribute, GatewayMetric, SpanMetric } from '../../core/telemetry.ts';
import { instantQuery } from './metrics.ts';
import type { Asker, Store } from './reach.ts';
import { searchTraces } from './traces.ts';

/** Milliseconds that any store keeps what it has, and more. */
export const KEPT_MS = 31 * 86_400_000;

/**
 * Whether a store has anything of a namespace, however old. Each throws what the asker throws.
 */
export const keepsAnything: Readonly<
  Record<Store, (asker: Asker, namespace: string, now: number) => Promise<boolean>>
> = {
  logs: async (asker, namespace, now) => {
    const rows = await asker.lines('/select/logsql/query', {
      query: '* | limit 1',
      extra_stream_filters: `{${Attribute.namespace}=${JSON.stringify(namespace)}}`,
      start: new Date(now - KEPT_MS).toISOString(),
    });
    return rows.length > 0;
  },
  // Prometheus still lists series whose samples were deleted.
  metrics: async (asker, namespace) => (await lastMeasured(asker, namespace)) !== undefined,
  traces: async (asker, namespace, now) => {
    const { traces } = await searchTraces(asker, namespace, { from: now - KEPT_MS, to: now, limit: 1 });
    return traces.length > 0;
  },
};

/** Namespaces of environments with lines, whether they are there or gone. Throws what the asker throws. */
export async function namespacesWithLogs(asker: Asker, now: number): Promise<string[]> {
  const rows = (await asker.lines('/select/logsql/query', {
    query: `* | uniq by (${Attribute.namespace})`,
    extra_stream_filters: `{${Attribute.namespace}=~"^wt-.+"}`,
    start: new Date(now - KEPT_MS).toISOString(),
  })) as readonly Readonly<Record<string, string>>[];
  return rows.flatMap((row) => row[Attribute.namespace] ?? []).sort();
}

/** Measured without a pause while an environment is there: its pods, else its spans, else its requests. */
const measured = ['container_memory_working_set_bytes', SpanMetric.calls, GatewayMetric.calls];
/** Below five minutes, after which Prometheus takes a series as ended, so that no sample is skipped. */
const STEP = '4m';

/**
 * When a namespace was measured last, in milliseconds since 1970; undefined where Prometheus has nothing of it. Throws
 * what the asker throws.
 */
export async function lastMeasured(asker: Asker, namespace: string): Promise<number | undefined> {
  const query = measured
    .map((name) => `max(max_over_time(timestamp(${name})[${KEPT_MS / 86_400_000}d:${STEP}]))`)
    .join(' or ');
  const [sample] = await instantQuery(asker, namespace, query);
  return sample && sample.value * 1000;
}
