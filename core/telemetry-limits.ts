/**
 * What each server of telemetry may take, and how long it keeps what it has. Memory in MiB, of its container; disk in
 * MiB.
 */
export interface TelemetryLimits {
  readonly memoryMib: number;
  readonly diskMib: number;
  /** Absent where nothing is kept beyond its delivery. */
  readonly days?: number;
}

export const telemetryLimits = {
  // What waits for a store that is away, see platform/collector/exporters.ts.
  collector: { memoryMib: 512, diskMib: 1024 },
  logs: { memoryMib: 512, diskMib: 4096, days: 7 },
  metrics: { memoryMib: 768, diskMib: 2048, days: 7 },
  traces: { memoryMib: 640, diskMib: 3072, days: 3 },
} as const satisfies Record<string, TelemetryLimits>;

/**
 * Free space in MiB below which the log store takes no more: the databases of the environments may lie on the same file
 * system.
 */
export const leastFreeMib = 1024;

/** Part of a queue in front of a store from which on it is told: half is more than a restart of the store needs. */
export const queueFull = 0.5;

/** Part of a container's memory that Go's garbage collector is told of. */
export function goMemoryLimit(memoryMib: number): string {
  return `${Math.floor(memoryMib * 0.8)}MiB`;
}

/**
 * What an environment may add to a store in a day, in MiB on disk. Each may be spent at once, and comes back over a
 * day.
 */
export interface DailyLimits {
  /** What each has, whatever others do. */
  readonly ownMib: number;
  /** What all have together beyond that. */
  readonly sharedMib: number;
  /** How much of the shared part one may have. */
  readonly mostMib: number;
}

/** As many are never short of their own part. */
const guaranteed = 50;

/**
 * So that no store grows beyond its ceiling, though at the beginning a whole day may come at once. `wholeDays`: how many
 * days the store keeps at least, however large they are.
 */
function dailyLimits({ diskMib, days }: Required<TelemetryLimits>, wholeDays: number): DailyLimits {
  const daily = diskMib / (wholeDays + 1);
  const own = Math.floor((daily * 0.4) / guaranteed);
  return {
    ownMib: own,
    sharedMib: Math.floor(daily * 0.6),
    // Over all days that are kept it is half of the store: one of them never evicts the others' days.
    mostMib: Math.floor(Math.min(daily * 0.3, diskMib / 2 / (days + 1) - own)),
  };
}

/** The log store never drops its newest two days; the trace store drops none before its time, which takes it a day more. */
export const environmentLimits = {
  logs: dailyLimits(telemetryLimits.logs, 2),
  traces: dailyLimits(telemetryLimits.traces, telemetryLimits.traces.days + 1),
} as const satisfies Record<string, DailyLimits>;
