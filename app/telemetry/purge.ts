import { CoppiceError, hasCode, messageOf } from '../../core/errors.ts';
import { interruptible } from '../../core/interrupts.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { telemetryLimits } from '../../core/telemetry-limits.ts';
import { keepsAnything } from '../../servers/telemetry/kept.ts';
import { purgeLogs, purgeMetrics } from '../../servers/telemetry/purge.ts';
import { type Asker, askThroughApi, type Store } from '../../servers/telemetry/reach.ts';
import type { Ports } from '../ports.ts';

/** What became of the telemetry of an environment that was removed for good. */
export interface PurgedTelemetry {
  /** Stores that have nothing of it any more. */
  readonly deleted: readonly Store[];
  readonly left: readonly LeftTelemetry[];
}

/** `expires`: its store cannot delete, and time does. `away`: the same command again deletes it. */
export interface LeftTelemetry {
  readonly store: Store;
  readonly kind: 'expires' | 'away';
  /** A sentence without its end. */
  readonly why: string;
}

/**
 * Deletes what every store has of one namespace. A store that the platform does not have is left out. Never throws but
 * COPPICE_INTERRUPTED: what is left is told.
 */
export async function purgeTelemetry(
  namespace: string,
  record: ClusterRecord,
  ports: Ports,
): Promise<PurgedTelemetry> {
  return interruptible(ports.interrupts, (signal) =>
    purgeStores((store) => askThroughApi(record, store), namespace, signal),
  );
}

/** @internal Its tests ask stores without a cluster. */
export async function purgeStores(
  ask: (store: Store) => Promise<Asker>,
  namespace: string,
  signal: AbortSignal,
): Promise<PurgedTelemetry> {
  const found = await Promise.all(
    (Object.keys(purges) as readonly Store[]).map(async (store) => {
      try {
        return { store, left: await purges[store](await ask(store), namespace, signal) };
      } catch (error) {
        if (hasCode(error, 'COPPICE_NO_TELEMETRY')) return undefined;
        if (!(error instanceof CoppiceError) || hasCode(error, 'COPPICE_INTERRUPTED')) throw error;
        return { store, left: { store, kind: 'away' as const, why: messageOf(error) } };
      }
    }),
  );
  const stores = found.flatMap((one) => one ?? []);
  return {
    deleted: stores.filter(({ left }) => left === undefined).map(({ store }) => store),
    left: stores.flatMap(({ left }) => left ?? []),
  };
}

type Purge = (asker: Asker, namespace: string, signal: AbortSignal) => Promise<LeftTelemetry | undefined>;

const purges: Readonly<Record<Store, Purge>> = {
  logs: async (asker, namespace, signal) => {
    await purgeLogs(asker, namespace, signal);
    return undefined;
  },
  metrics: async (asker, namespace, signal) => {
    await purgeMetrics(asker, namespace, signal);
    return undefined;
  },
  /** Jaeger has no way to delete some of what it keeps. */
  traces: async (asker, namespace) => {
    if (!(await keepsAnything.traces(asker, namespace, Date.now()))) return undefined;
    const why = `Jaeger cannot delete them: it forgets each ${telemetryLimits.traces.days} days after it came`;
    return { store: 'traces', kind: 'expires', why };
  },
};
