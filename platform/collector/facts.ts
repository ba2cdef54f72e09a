import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hasCode } from '../../core/errors.ts';
import { partFacts } from '../../core/part-facts.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { Attribute, type LimitedStore, LimitMetric, limitedStore } from '../../core/telemetry.ts';
import { telemetryLimits } from '../../core/telemetry-limits.ts';
import { readPlatformTelemetry } from '../../servers/telemetry/arrivals.ts';
import { grown } from '../../servers/telemetry/growth.ts';
import { type ArrivalProblem, lossProblems, silences } from '../../servers/telemetry/judgement.ts';
import { type Asker, askThroughApi } from '../../servers/telemetry/reach.ts';
import { limitsEnvironments } from './image.ts';

export type TelemetryPart = keyof typeof telemetryLimits;
export const telemetryParts = Object.keys(telemetryLimits) as readonly TelemetryPart[];

/** What `wt doctor` judges. Sizes in bytes. */
export interface TelemetryFacts {
  /** Of the folder of each part; absent where it is not on this machine, or not readable by this user. */
  readonly disk: Readonly<Partial<Record<TelemetryPart, number>>>;
  /** Whether the log store takes nothing more, since its disk is full. */
  readonly readOnly: boolean;
  /** What is wrong with what arrives, as `wt telemetry status` tells it: spans that stopped, and losses of the last hour. */
  readonly silent: readonly ArrivalProblem[];
  readonly lost: readonly ArrivalProblem[];
  /** What waits for a store, by the name of the Collector's exporter. */
  readonly queues: readonly Queue[];
  /** Who logged most in a day. */
  readonly loudest: readonly Loud[];
  /** Whether the Collector limits each environment: only our own build does. */
  readonly limits: boolean;
  /** Who lost something to that limit in the last day. */
  readonly limited: readonly Limited[];
}

export interface Limited {
  readonly namespace: string;
  readonly store: LimitedStore;
  /** Lines or spans. */
  readonly count: number;
}

export interface Queue {
  readonly exporter: string;
  readonly bytes: number;
  readonly capacity: number;
}

export interface Loud {
  readonly namespace: string;
  readonly lines: number;
  /** Of the messages alone. */
  readonly bytes: number;
}

const DAY_SECONDS = 86_400;

const vector = z.object({
  data: z.object({
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) }),
    ),
  }),
});
const loud = z.object({ [Attribute.namespace]: z.string(), n: z.coerce.number(), bytes: z.coerce.number() });

/** Asks the stores; throws what an {@link Asker} throws. */
export async function telemetryFacts(record: ClusterRecord, signal: AbortSignal): Promise<TelemetryFacts> {
  const [logs, metrics] = await Promise.all([
    askThroughApi(record, 'logs'),
    askThroughApi(record, 'metrics'),
  ]);
  const asking = { signal };
  const [disk, own, platform, sizes, capacities, limited, lines] = await Promise.all([
    diskOf(record),
    logs.text('/metrics', {}, asking),
    readPlatformTelemetry(metrics),
    samples(metrics, 'otelcol_exporter_queue_size', asking),
    samples(metrics, 'otelcol_exporter_queue_capacity', asking),
    samples(metrics, grown(LimitMetric.dropped, ['processor', LimitMetric.environment], DAY_SECONDS), asking),
    logs.lines(
      '/select/logsql/query',
      {
        query: `_time:1d | stats by ("${Attribute.namespace}") count() n, sum_len(_msg) bytes | sort by (bytes desc) | limit 3`,
      },
      asking,
    ),
  ]);
  const capacityOf = new Map(capacities.map(({ labels, value }) => [labels.exporter, value]));
  return {
    disk,
    readOnly: isReadOnly(own),
    silent: silences(platform.arrivals, Date.now()),
    // Those of one environment are told by day, as `limited`.
    lost: lossProblems(platform.state.losses.filter(({ namespace }) => namespace === undefined)),
    queues: sizes.map(({ labels, value }) => ({
      exporter: labels.exporter ?? '',
      bytes: value,
      capacity: capacityOf.get(labels.exporter) ?? 0,
    })),
    limits: limitsEnvironments(record.images[partFacts.collector.image] ?? ''),
    limited: limited
      .filter(({ value }) => value > 0)
      .map(({ labels, value }) => ({
        namespace: labels[LimitMetric.environment] ?? '',
        store: limitedStore(labels.processor ?? ''),
        count: Math.round(value),
      })),
    loudest: lines
      .map((line) => loud.parse(line))
      .map(({ [Attribute.namespace]: namespace, n, bytes }) => ({ namespace, lines: n, bytes })),
  };
}

async function samples(metrics: Asker, query: string, asking: { readonly signal: AbortSignal }) {
  const answer = vector.parse(await metrics.json('/api/v1/query', { query }, asking));
  return answer.data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
}

/**
 * From the log store's own metrics, in Prometheus' text format.
 *
 * @internal Exported for its test, which passes in what it prints.
 */
export function isReadOnly(metrics: string): boolean {
  return /^vl_storage_is_read_only(\{[^}]*\})? 1$/m.test(metrics);
}

async function diskOf(record: ClusterRecord): Promise<TelemetryFacts['disk']> {
  const sizes = await Promise.all(
    telemetryParts.map(async (part) => {
      const volume = record[partFacts[part].volume.key];
      if (volume?.kind !== 'host-path') return [];
      const bytes = await folderSize(volume.path);
      return bytes === undefined ? [] : [[part, bytes] as const];
    }),
  );
  return Object.fromEntries(sizes.flat());
}

const BLOCK = 512;

/** Bytes on disk, where a sparse file takes less than its length. Undefined if not all of it can be read. */
async function folderSize(folder: string): Promise<number | undefined> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    const files = entries.filter((entry) => entry.isFile());
    const sizes = await Promise.all(files.map(({ parentPath, name }) => sizeOf(join(parentPath, name))));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EPERM', 'ENOENT')) return undefined;
    throw error;
  }
}

/** A store may have merged it away since. */
async function sizeOf(file: string): Promise<number> {
  try {
    return (await lstat(file)).blocks * BLOCK;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
}
