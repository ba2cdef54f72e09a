import {
  Attribute,
  GatewayMetric,
  type LimitedStore,
  LimitMetric,
  limitedStore,
  MetricLabel,
  SpanMetric,
  telemetryServices,
} from '../../core/telemetry.ts';
import { COUNTER, grown, named, samplesNamed } from './growth.ts';
import { instantQuery, type Sample } from './metrics.ts';
import type { Asker } from './reach.ts';

/** What a service sent, of every environment. */
export interface Arrival {
  /** Kubernetes namespace. */
  readonly namespace: string;
  readonly service: string;
  /** In the last {@link RECENT_MINUTES} minutes, per minute. */
  readonly spans: number;
  readonly requests: number;
  readonly lines: number;
  /** Series that Prometheus has of it now. */
  readonly series: number;
  /** Milliseconds since 1970; absent when there was none for an hour. */
  readonly lastSpan?: number;
}

/** A counter of what did not arrive, which grew in the last hour. */
export interface Loss {
  /** As the server calls it: `otelcol_exporter_send_failed_spans`. */
  readonly counter: string;
  /** Why, where the server says: `too_old`, the exporter, the processor. */
  readonly reason?: string;
  /** Namespace of who was limited: {@link LimitMetric.dropped} alone is known by environment. */
  readonly namespace?: string;
  readonly count: number;
}

/** What the Collector charged an environment for, by the limit of that store. */
export interface Charge {
  readonly namespace: string;
  readonly store: LimitedStore;
  /** About what it takes on disk, in the last day. */
  readonly bytes: number;
}

export interface StoreState {
  /** Services that Prometheus does not reach, or was never told of: what they would count is not known. */
  readonly away: readonly string[];
  readonly losses: readonly Loss[];
  /** Queues of the Collector in front of the stores. */
  readonly queues: readonly { readonly exporter: string; readonly share: number }[];
  readonly logBytes?: number;
  readonly logFreeBytes?: number;
  readonly logReadOnly: boolean;
  readonly metricSeries?: number;
  readonly metricBytes?: number;
  /** The most first; empty where the Collector is not our build. */
  readonly charges: readonly Charge[];
  /** Of the platform's servers of telemetry, in bytes. */
  readonly memory: readonly { readonly server: string; readonly bytes: number }[];
}

export interface PlatformTelemetry {
  readonly arrivals: readonly Omit<Arrival, 'lines'>[];
  readonly state: StoreState;
}

/** What counts as recent, in minutes. */
export const RECENT_MINUTES = 5;
const RECENT_SECONDS = RECENT_MINUTES * 60;

const { namespace, service } = MetricLabel;
const whose = [namespace, service];

/** `filter/requests` and `filter/foreign` leave out by design what others have already. */
const lossCounters: readonly string[] = [
  '{__name__=~"otelcol_(receiver_refused|exporter_send_failed|exporter_enqueue_failed).*|vl_rows_dropped_total"}',
  '{__name__=~"otelcol_processor_filter.*",filter=~"filter/(old|ahead|temporality)"}',
  LimitMetric.dropped,
];
const lossReasons = ['reason', 'exporter', 'filter', 'processor', 'receiver'] as const;
const LOSS_SECONDS = 3600;
const DAY_SECONDS = 86_400;

/** Those whose word is needed to say that nothing was lost. Jaeger has no metrics here. */
const counting: readonly string[] = [telemetryServices.collector.service, telemetryServices.logs.service];

const stateGauges =
  '{__name__=~"otelcol_exporter_queue_(size|capacity)|vl_(data_size_bytes|free_disk_space_bytes|storage_is_read_only)|prometheus_tsdb_(head_series|storage_blocks_bytes|wal_storage_size_bytes)"}';

const questions: Readonly<Record<string, string>> = {
  spans: grown(SpanMetric.calls, whose, RECENT_SECONDS),
  requests: grown(GatewayMetric.calls, whose, RECENT_SECONDS),
  // Its time to two minutes: the Collector sends counters that stay as they are, too.
  lastSpan: `max by (${whose.join(', ')}) (max_over_time((timestamp(rate(${SpanMetric.calls}[2m]) > 0))[1h:1m]))`,
  series: `count by (${whose.join(', ')}) ({${namespace}!="",${service}!=""})`,
  ...Object.fromEntries(
    lossCounters.map((counters, place) => [
      `lost ${place}`,
      grown(counters, [COUNTER, ...lossReasons, LimitMetric.environment], LOSS_SECONDS),
    ]),
  ),
  charged: grown(LimitMetric.stored, ['processor', LimitMetric.environment], DAY_SECONDS),
  up: `max by (${service}) (up)`,
  state: stateGauges,
  memory: `sum by (${service}) (container_memory_working_set_bytes{${namespace}="coppice"})`,
};

/** What Prometheus knows of all signals at a time, now without one, with one request. Throws what the asker throws. */
export async function readPlatformTelemetry(asker: Asker, at?: number): Promise<PlatformTelemetry> {
  const query = Object.entries(questions).map(([name, question]) => named(name, question));
  const samples = await instantQuery(asker, undefined, query.join(' or '), at);
  return { arrivals: arrivalsIn(samples), state: stateIn(samples) };
}

/** Lines per minute, by namespace and service. Throws what the asker throws. */
export async function readLineArrivals(
  asker: Asker,
): Promise<readonly Pick<Arrival, 'namespace' | 'service' | 'lines'>[]> {
  const by = `${Attribute.namespace}, ${Attribute.service}`;
  const rows = await asker.lines('/select/logsql/query', {
    query: `_time:${RECENT_MINUTES}m | stats by (${by}) count() lines`,
  });
  return (rows as readonly Readonly<Record<string, string>>[]).map((row) => ({
    namespace: row[Attribute.namespace] ?? '',
    service: row[Attribute.service] ?? '',
    lines: Number(row.lines ?? 0) / RECENT_MINUTES,
  }));
}

/** Lines that are kept, by namespace: what fills the disk of the log store. Throws what the asker throws. */
export async function readKeptLines(
  asker: Asker,
): Promise<readonly { readonly namespace: string; readonly lines: number }[]> {
  const rows = await asker.lines('/select/logsql/query', {
    query: `* | stats by (${Attribute.namespace}) count() lines`,
  });
  return (rows as readonly Readonly<Record<string, string>>[])
    .map((row) => ({ namespace: row[Attribute.namespace] ?? '', lines: Number(row.lines ?? 0) }))
    .sort((one, other) => other.lines - one.lines);
}

function arrivalsIn(samples: readonly Sample[]): Omit<Arrival, 'lines'>[] {
  const found = new Map<string, { -readonly [Key in keyof Omit<Arrival, 'lines'>]: Arrival[Key] }>();
  const of = ({ labels }: Sample) => {
    const who = { namespace: labels[namespace] ?? '', service: labels[service] ?? '' };
    const key = `${who.namespace} ${who.service}`;
    const arrival = found.get(key) ?? { ...who, spans: 0, requests: 0, series: 0 };
    found.set(key, arrival);
    return arrival;
  };
  for (const sample of samplesNamed(samples, 'spans')) of(sample).spans = sample.value / RECENT_MINUTES;
  for (const sample of samplesNamed(samples, 'requests')) of(sample).requests = sample.value / RECENT_MINUTES;
  for (const sample of samplesNamed(samples, 'series')) of(sample).series = sample.value;
  for (const sample of samplesNamed(samples, 'lastSpan')) of(sample).lastSpan = sample.value * 1000;
  return [...found.values()];
}

function stateIn(samples: readonly Sample[]): StoreState {
  const gauges = samplesNamed(samples, 'state');
  const all = (name: string) => gauges.filter(({ labels }) => labels.__name__ === name);
  const sum = (name: string) => {
    const values = all(name).map(({ value }) => value);
    return values.length === 0 ? undefined : values.reduce((total, value) => total + value, 0);
  };
  const [logBytes, logFreeBytes] = [sum('vl_data_size_bytes'), sum('vl_free_disk_space_bytes')];
  const metricSeries = sum('prometheus_tsdb_head_series');
  const blocks = sum('prometheus_tsdb_storage_blocks_bytes');
  const wal = sum('prometheus_tsdb_wal_storage_size_bytes') ?? 0;
  return {
    away: awayIn(samples),
    losses: lossesIn(samples),
    queues: queuesIn(all('otelcol_exporter_queue_size'), all('otelcol_exporter_queue_capacity')),
    ...(logBytes !== undefined && { logBytes }),
    ...(logFreeBytes !== undefined && { logFreeBytes }),
    logReadOnly: (sum('vl_storage_is_read_only') ?? 0) > 0,
    ...(metricSeries !== undefined && { metricSeries }),
    ...(blocks !== undefined && { metricBytes: blocks + wal }),
    charges: chargesIn(samplesNamed(samples, 'charged')),
    memory: samplesNamed(samples, 'memory').map(({ labels, value }) => ({
      server: labels[service] ?? '',
      bytes: value,
    })),
  };
}

function lossesIn(samples: readonly Sample[]): Loss[] {
  return lossCounters
    .flatMap((_, place) => samplesNamed(samples, `lost ${place}`))
    .filter(({ value }) => value > 0)
    .map(({ labels, value }) => {
      const reason = lossReasons.map((label) => labels[label]).find((text) => text !== undefined);
      const namespace = labels[LimitMetric.environment];
      return {
        counter: labels[COUNTER] ?? '',
        count: value,
        ...(reason !== undefined && { reason }),
        ...(namespace !== undefined && { namespace }),
      };
    });
}

function chargesIn(samples: readonly Sample[]): Charge[] {
  return samples
    .map(({ labels, value }) => ({
      namespace: labels[LimitMetric.environment] ?? '',
      store: limitedStore(labels.processor ?? ''),
      bytes: value,
    }))
    .filter(({ bytes }) => bytes > 0)
    .sort((one, other) => other.bytes - one.bytes);
}

function awayIn(samples: readonly Sample[]): string[] {
  const up = new Set(
    samplesNamed(samples, 'up').flatMap(({ labels, value }) => (value > 0 ? [labels[service]] : [])),
  );
  return counting.filter((server) => !up.has(server));
}

function queuesIn(sizes: readonly Sample[], capacities: readonly Sample[]): StoreState['queues'] {
  return sizes.map(({ labels, value }) => {
    const exporter = labels.exporter ?? '';
    const capacity = capacities.find((one) => (one.labels.exporter ?? '') === exporter)?.value;
    return { exporter, share: capacity === undefined || capacity === 0 ? 0 : value / capacity };
  });
}
