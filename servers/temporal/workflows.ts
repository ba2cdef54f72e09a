/** What runs in a namespace: workflows, their history, and their workers. */

export { executions, findRunning } from './workflows/executions.ts';
export { workflowHistory } from './workflows/history.ts';
export { isPolled } from './workflows/pollers.ts';
export type {
  FailureText,
  HistoryEntry,
  TaskQueue,
  WorkflowHistory,
  WorkflowLine,
  WorkflowList,
} from './workflows/types.ts';
export { workers } from './workflows/workers.ts';
export { listWorkflows, runningWorkflows } from './workflows/workflows.ts';
