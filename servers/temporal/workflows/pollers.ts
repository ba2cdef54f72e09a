import { timeOf } from '../connection/times.ts';
import type { Temporal } from '../types.ts';
import type { Poller } from './types.ts';

/**
 * A worker polls again within 60 seconds, the maximum of the server's long poll. A dead one stays listed for minutes,
 * so the age of its last poll decides.
 */
const liveMilliseconds = 70_000;

/** temporal.api.enums.v1.TaskQueueType */
const kinds = { workflow: 1, activity: 2 } as const;
type Kind = keyof typeof kinds;

export interface Polled {
  readonly pollers: readonly Poller[];
  /** Tasks that no worker has taken yet. */
  readonly backlog: number;
}

/** The pollers of a task queue. `now`: for tests. */
export async function pollersOf(
  { workflow }: Temporal,
  namespace: string,
  taskQueue: string,
  now: Date,
): Promise<Polled> {
  const names = Object.keys(kinds) as Kind[];
  const answers = await Promise.all(
    names.map((kind) =>
      workflow.describeTaskQueue({
        namespace,
        taskQueue: { name: taskQueue },
        taskQueueType: kinds[kind],
        reportStats: true,
      }),
    ),
  );
  const seen = answers.flatMap(({ pollers }, index) =>
    pollers.flatMap(({ identity, lastAccessTime }) => {
      const lastSeen = timeOf(lastAccessTime);
      const live = lastSeen && now.getTime() - lastSeen.getTime() <= liveMilliseconds;
      return live ? [{ identity: identity ?? '', lastSeen: lastSeen.toISOString(), kind: names[index] }] : [];
    }),
  );
  const identities = [...new Set(seen.map(({ identity }) => identity))].sort();
  return {
    pollers: identities.map((identity) => {
      const mine = seen.filter((one) => one.identity === identity);
      return {
        identity,
        lastSeen:
          mine
            .map(({ lastSeen }) => lastSeen)
            .sort()
            .at(-1) ?? '',
        polls: names.filter((kind) => mine.some((one) => one.kind === kind)),
      };
    }),
    backlog: answers.reduce((sum, { stats }) => sum + Number(stats?.approximateBacklogCount ?? 0), 0),
  };
}

/** Whether a worker polls for this kind of work. */
export function isPolled({ pollers }: Polled, kind: Kind): boolean {
  return pollers.some(({ polls }) => polls.includes(kind));
}
