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
