import { Attribute, GatewayMetric, MetricLabel, SpanMetric } from '../../core/telemetry.ts';
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
  metrics: async (asker, namespace, now) => {
    const { data = [] } = (await asker.json('/api/v1/series', {
      'match[]': `{${MetricLabel.namespace}=${JSON.stringify(namespace)}}`,
      start: (now - KEPT_MS) / 1000,
      end: now / 1000,
      limit: 1,
    })) as { readonly data?: readonly unknown[] };
    return data.length > 0;
  },
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
