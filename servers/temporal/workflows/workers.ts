import { concurrently } from '../connection/concurrently.ts';
import { isRefusal, status } from '../connection/grpc-error.ts';
import type { Temporal } from '../types.ts';
import { executions, type Found, findRunning } from './executions.ts';
import { pollersOf } from './pollers.ts';
import type { TaskQueue } from './types.ts';

const width = 8;
/** How many ended workflows are read, the youngest ones. */
const sample = 1000;

export interface WorkersOptions {
  /** The running workflows, if known already. */
  readonly running?: Found;
  /** For tests. */
  readonly now?: Date;
}

/**
 * The task queues that running and recent workflows use, and those of workers that send heartbeats, each with its
 * pollers of the last 70 seconds: a killed worker stays listed that long. A worker without any of these is not found: a
 * server has no list of task queues.
 */
export async function workers(
  temporal: Temporal,
  namespace: string,
  { running: known, now = new Date() }: WorkersOptions = {},
): Promise<TaskQueue[]> {
  // Only two list queries: a namespace has 10 a second (frontend.namespaceRPS.visibility).
  const [{ youngest: running }, ended, heartbeats] = await Promise.all([
    known ?? findRunning(temporal, namespace),
    executions(temporal, namespace, "ExecutionStatus!='Running'", sample),
    queuesOfWorkers(temporal, namespace),
  ]);
  const of = (queue: string) => running.filter(({ taskQueue }) => taskQueue === queue).length;
  const queues = [...[...running, ...ended].map(({ taskQueue }) => taskQueue ?? ''), ...heartbeats];
  const names = [...new Set(queues)].filter((name) => name !== '').sort();
  return concurrently(names, width, async (name): Promise<TaskQueue> => {
    return { name, running: of(name), ...(await pollersOf(temporal, namespace, name, now)) };
  });
}

/** Not every SDK sends heartbeats, or at once, and not every server accepts them. */
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
