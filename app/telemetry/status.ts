import { CoppiceError, hasCode, messageOf } from '../../core/errors.ts';
import { queueFull } from '../../core/telemetry-limits.ts';
import {
  type Arrival,
  type Charge,
  type Loss,
  type PlatformTelemetry,
  readKeptLines,
  readLineArrivals,
  readPlatformTelemetry,
  type StoreState,
} from '../../servers/telemetry/arrivals.ts';
import {
  type ArrivalProblem,
  lossProblems,
  nameOfNamespace,
  silences,
} from '../../servers/telemetry/judgement.ts';
import { servicesOf } from '../../servers/telemetry/traces.ts';
import { askStore } from './stores.ts';

/** What arrives from whom, and what does not. */
export interface TelemetryStatus {
  /** By environment and service. */
  readonly arrivals: readonly (Arrival & { readonly environment: string })[];
  readonly state: StoreState;
  /** Lines that the log store keeps, the most first: what fills its disk. */
  readonly kept: readonly { readonly environment: string; readonly lines: number }[];
  readonly lost: readonly (Omit<Loss, 'namespace'> & { readonly environment?: string })[];
  /** What each added to a store in a day, the most first. */
  readonly added: readonly (Omit<Charge, 'namespace'> & { readonly environment: string })[];
  /** What is wrong, a sentence each. */
  readonly problems: readonly TelemetryProblem[];
}

export type TelemetryProblem = ArrivalProblem;

/** Throws what asking Prometheus throws; a log or trace store that does not answer is a problem among the others. */
export async function telemetryStatus(now: number): Promise<TelemetryStatus> {
  const [metrics, logs, traces] = await Promise.all([
    askStore('metrics'),
    askStore('logs'),
    askStore('traces'),
  ]);
  const unseen: TelemetryProblem[] = [];
  const seen = async <T>(work: Promise<readonly T[]>): Promise<readonly T[]> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof CoppiceError) || hasCode(error, 'COPPICE_INTERRUPTED')) throw error;
      if (!unseen.some(({ what }) => what === messageOf(error)))
        unseen.push({ what: messageOf(error), fix: error.hint ?? 'run `wt platform status`' });
      return [];
    }
  };
  const [platform, lines, kept] = await Promise.all([
    readPlatformTelemetry(metrics),
    seen(readLineArrivals(logs)),
    seen(readKeptLines(logs)),
    seen(servicesOf(traces)),
  ]);
  return statusOf({ platform, lines, kept, unseen }, now);
}

interface Read {
  readonly platform: PlatformTelemetry;
  readonly lines: readonly Pick<Arrival, 'namespace' | 'service' | 'lines'>[];
  readonly kept: readonly { readonly namespace: string; readonly lines: number }[];
  readonly unseen: readonly TelemetryProblem[];
}

/** @internal Exported for its test, which passes recorded values. */
export function statusOf({ platform, lines, kept, unseen }: Read, now: number): TelemetryStatus {
  const arrivals = joined(platform.arrivals, lines)
    .map((arrival) => ({ ...arrival, environment: nameOfNamespace(arrival.namespace) }))
    .sort(
      (one, other) =>
        one.environment.localeCompare(other.environment) || one.service.localeCompare(other.service),
    );
  return {
    arrivals,
    state: platform.state,
    kept: kept.map(({ namespace, lines: count }) => ({
      environment: nameOfNamespace(namespace),
      lines: count,
    })),
    lost: platform.state.losses.map(({ namespace, ...loss }) => ({
      ...loss,
      ...(namespace !== undefined && { environment: nameOfNamespace(namespace) }),
    })),
    added: platform.state.charges.map(({ namespace, ...charge }) => ({
      environment: nameOfNamespace(namespace),
      ...charge,
    })),
    problems: [...unseen, ...silences(arrivals, now), ...stateProblems(platform.state)],
  };
}

function joined(arrivals: PlatformTelemetry['arrivals'], lines: Read['lines']): Arrival[] {
  const keyOf = ({ namespace, service }: Pick<Arrival, 'namespace' | 'service'>) => `${namespace} ${service}`;
  const found = new Map<string, Arrival>(
    arrivals.map((arrival) => [keyOf(arrival), { ...arrival, lines: 0 }]),
  );
  for (const row of lines) {
    const arrival = found.get(keyOf(row));
    found.set(keyOf(row), { spans: 0, requests: 0, series: 0, ...arrival, ...row });
  }
  return [...found.values()];
}

function stateProblems({ away, losses, queues, logReadOnly }: StoreState): TelemetryProblem[] {
  const full = queues.filter(({ share }) => share >= queueFull);
  return [
    ...away.map((server) => ({
      what: `${server} does not answer Prometheus: what it lost, and whether it takes anything, is not known`,
      fix: `\`wt platform status\`; \`kubectl -n coppice logs deploy/${server}\` says why`,
    })),
    ...(logReadOnly
      ? [
          {
            what: 'the log store has no room and takes nothing',
            fix: 'free some space on its disk (`wt platform status`)',
          },
        ]
      : []),
    ...full.map(({ exporter, share }) => ({
      what: `the Collector's queue ${exporter} is ${Math.round(share * 100)} % full: its store is away or too slow`,
      fix: 'run `wt platform status`',
    })),
    ...lossProblems(losses),
  ];
}
