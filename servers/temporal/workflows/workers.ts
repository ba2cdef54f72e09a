import { concurrently } from '../connection/concurrently.ts';
import { isRefusal, status } from '../connection/grpc-error.ts';
import type { Temporal } from '../types.ts';
import { executions, type Found, findRunning } from './executions.ts';
import { pollersOf } from './pollers.ts';
import type { TaskQueue } from './types.ts';

const width = 8;
/** Ended workflows that are looked through, the youngest. */
const sample = 1000;

export interface WorkersOptions {
  /** What runs, where that is known already. */
  readonly running?: Found;
  /** For tests. */
  readonly now?: Date;
}

/**
 * The task queues that running and recent workflows name, and those of workers that tell about themselves, with
 * everybody who asked for work of them in the last 70 seconds: so long is a worker listed that was killed. A worker of
 * which neither holds is not found: a server has no list of task queues.
 */
export async function workers(
  temporal: Temporal,
  namespace: string,
  { running: known, now = new Date() }: WorkersOptions = {},
): Promise<TaskQueue[]> {
  // Two questions to the list and no more: a namespace has 10 a second (frontend.namespaceRPS.visibility).
  const [{ youngest: running }, ended, told] = await Promise.all([
    known ?? findRunning(temporal, namespace),
    executions(temporal, namespace, "ExecutionStatus!='Running'", sample),
    queuesOfWorkers(temporal, namespace),
  ]);
  const of = (queue: string) => running.filter(({ taskQueue }) => taskQueue === queue).length;
  const queues = [...[...running, ...ended].map(({ taskQueue }) => taskQueue ?? ''), ...told];
  const names = [...new Set(queues)].filter((name) => name !== '').sort();
  return concurrently(names, width, async (name): Promise<TaskQueue> => {
    return { name, running: of(name), ...(await pollersOf(temporal, namespace, name, now)) };
  });
}

/** Not every SDK tells, nor at once, and not every server listens. */
async function queuesOfWorkers({ workflow }: Temporal, namespace: string): Promise<string[]> {
  try {
    const { workersInfo, workers: listed } = await workflow.listWorkers({ namespace, pageSize: 1000 });
    return [
      ...workersInfo.map(({ workerHeartbeat }) => workerHeartbeat?.taskQueue ?? ''),
      ...listed.map(({ taskQueue }) => taskQueue ?? ''),
    ];
  } catch (error) {
    if (isRefusal(error, status.unimplemented, status.invalidArgument, status.permissionDenied)) return [];
    throw error;
  }
}
