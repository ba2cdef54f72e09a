import { countExecutions, executions } from './executions.ts';
import { pollersOf } from './pollers.ts';
import { isRefusal, status } from './refusal.ts';
import { sideBySide } from './side-by-side.ts';
import type { Temporal } from './types.ts';
import type { TaskQueue } from './workflow-types.ts';

const width = 8;
/** Workflows that are looked through for names of task queues, the youngest. */
const sample = 1000;

/**
 * The task queues that running and recent workflows name, and those of workers that tell about themselves, with
 * everybody who asked for work of them in the last 70 seconds, which is how long a worker is listed that was killed. A
 * worker of which neither holds is not found: a server has no list of task queues. `now`: for tests.
 */
export async function workers(
  temporal: Temporal,
  namespace: string,
  now: Date = new Date(),
): Promise<TaskQueue[]> {
  const [recent, told] = await Promise.all([
    Promise.all(
      ["ExecutionStatus='Running'", "ExecutionStatus!='Running'"].map((query) =>
        executions(temporal, namespace, query, sample),
      ),
    ),
    queuesOfWorkers(temporal, namespace),
  ]);
  const queues = [...recent.flat().map(({ taskQueue }) => taskQueue ?? ''), ...told];
  const names = [...new Set(queues)].filter((name) => name !== '').sort();
  return sideBySide(names, width, async (name): Promise<TaskQueue> => {
    const query = `ExecutionStatus='Running' AND TaskQueue=${quoted(name)}`;
    const [polled, running] = await Promise.all([
      pollersOf(temporal, namespace, name, now),
      countExecutions(temporal, namespace, query),
    ]);
    return { name, running, ...polled };
  });
}

/** As a text of the server's query language, where a backslash means something too. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
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
