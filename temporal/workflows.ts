import { isRefusal, status } from './refusal.ts';
import type { Temporal } from './types.ts';

/** How many workflows run in a namespace; 0 when there is none. The server's list lags some tens of milliseconds. */
export async function runningWorkflows({ workflow }: Temporal, namespace: string): Promise<number> {
  try {
    const { count } = await workflow.countWorkflowExecutions({
      namespace,
      query: "ExecutionStatus='Running'",
    });
    return Number(count);
  } catch (error) {
    if (isRefusal(error, status.notFound)) return 0;
    throw error;
  }
}
