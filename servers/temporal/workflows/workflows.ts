import { defined } from '../../../core/defined.ts';
import { concurrently } from '../connection/concurrently.ts';
import { isRefusal, status } from '../connection/grpc-error.ts';
import { isoOf } from '../connection/times.ts';
import type { Temporal } from '../types.ts';
import { closeReason } from './close-reason.ts';
import { type EnumNames, loadEnumNames } from './enum-names.ts';
import { countExecutions, type Execution, type Found, findExecutions, findRunning } from './executions.ts';
import { type Polled, pollersOf } from './pollers.ts';
import { retrying, unpolled } from './stuck.ts';
import type { WorkflowLine, WorkflowList } from './types.ts';

const day = 24 * 60 * 60 * 1000;
const running = "ExecutionStatus='Running'";
const defaultLimit = 200;
/** How many workflows are described at once. */
const width = 16;

export interface ListOptions {
  /**
   * How many of each kind are inspected, 200 when absent: the longest-running ones, as a workflow that has just started
   * cannot have failed twice, and the youngest failed ones. The others are listed with what the list itself reports.
   */
  readonly limit?: number;
  /** The running workflows, if known already. */
  readonly running?: Found;
  /** For tests. */
  readonly now?: Date;
}

/** How many workflows run in a namespace; 0 when it does not exist. */
export async function runningWorkflows(temporal: Temporal, namespace: string): Promise<number> {
  try {
    return await countExecutions(temporal, namespace, running);
  } catch (error) {
    if (isRefusal(error, status.notFound)) return 0;
    throw error;
  }
}

/**
 * Workflows that run, that failed in the last 24 hours (failed, timed out, terminated) or that are stuck: running, but
 * the task or an activity failed twice or more and is retried, or no worker polls the task queue. The server's list
 * lags some tens of milliseconds.
 */
export async function listWorkflows(
  temporal: Temporal,
  namespace: string,
  { limit = defaultLimit, now = new Date(), running: known }: ListOptions = {},
): Promise<WorkflowList> {
  const words = await loadEnumNames();
  const since = new Date(now.getTime() - day).toISOString();
  const failed = `ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated') AND CloseTime > '${since}'`;
  const [runningFound, failedFound] = await Promise.all([
    known ?? findRunning(temporal, namespace),
    findExecutions(temporal, namespace, failed),
  ]);
  const begun = runningFound.youngest.slice(0, -limit);
  const longest = runningFound.youngest.slice(-limit);
  const polled = cachedPollers(temporal, namespace, now);
  const groups = await Promise.all([
    concurrently(begun, width, (one) => listedLine(one, polled, words)),
    concurrently(longest, width, (one) => runningLine(temporal, namespace, one, polled, words)),
    concurrently(failedFound.youngest.slice(0, limit), width, (one) =>
      failedLine(temporal, namespace, one, words),
    ),
    failedFound.youngest.slice(limit).map((one) => ({ ...lineOf(one, words), kind: 'failed' }) as const),
  ]);
  const lines = groups.flat().filter((line) => line !== undefined);
  return {
    namespace,
    workflows: (['stuck', 'failed', 'running'] as const).flatMap((kind) =>
      lines.filter((line) => line.kind === kind),
    ),
    total: { running: runningFound.total, failed: failedFound.total },
    cut: runningFound.total > limit || failedFound.total > limit,
  };
}

/** Queries each task queue once. */
function cachedPollers(
  temporal: Temporal,
  namespace: string,
  now: Date,
): (taskQueue: string) => Promise<Polled> {
  const asked = new Map<string, Promise<Polled>>();
  return (taskQueue) => {
    const known = asked.get(taskQueue) ?? pollersOf(temporal, namespace, taskQueue, now);
    asked.set(taskQueue, known);
    return known;
  };
}

/** The line of a workflow that is not inspected. */
async function listedLine(
  one: Execution,
  polled: (taskQueue: string) => Promise<Polled>,
  words: EnumNames,
): Promise<WorkflowLine> {
  const stuck = await unpolled({ workflowExecutionInfo: one }, polled);
  return stuck
    ? { ...lineOf(one, words), kind: 'stuck', ...stuck }
    : { ...lineOf(one, words), kind: 'running' };
}

/** Undefined when it has ended since. */
async function runningLine(
  temporal: Temporal,
  namespace: string,
  one: Execution,
  polled: (taskQueue: string) => Promise<Polled>,
  words: EnumNames,
): Promise<WorkflowLine | undefined> {
  const described = await describe(temporal, namespace, one);
  const execution = described?.workflowExecutionInfo;
  if (!described || !execution || words.status(execution.status) !== 'Running') return undefined;
  const stuck =
    (await retrying(temporal, namespace, described, words)) ?? (await unpolled(described, polled));
  const line = lineOf(execution, words);
  return stuck ? { ...line, kind: 'stuck', ...stuck } : { ...line, kind: 'running' };
}

async function describe({ workflow }: Temporal, namespace: string, { execution }: Execution) {
  try {
    return await workflow.describeWorkflowExecution({ namespace, execution: execution ?? null });
  } catch (error) {
    if (isRefusal(error, status.notFound)) return undefined;
    throw error;
  }
}

/** temporal.api.enums.v1.HistoryEventFilterType */
const closeEvent = 2;

async function failedLine(
  { workflow }: Temporal,
  namespace: string,
  one: Execution,
  words: EnumNames,
): Promise<WorkflowLine> {
  const line = { ...lineOf(one, words), kind: 'failed' } as const;
  try {
    const { history } = await workflow.getWorkflowExecutionHistory({
      namespace,
      execution: one.execution ?? null,
      historyEventFilterType: closeEvent,
    });
    const reason = closeReason(history?.events?.at(-1), words);
    return reason === undefined ? line : { ...line, reason };
  } catch (error) {
    // Its retention ended since.
    if (isRefusal(error, status.notFound)) return line;
    throw error;
  }
}

function lineOf(
  { execution, type, taskQueue, status: number, startTime, closeTime }: Execution,
  words: EnumNames,
): Omit<WorkflowLine, 'kind'> {
  const ended = isoOf(closeTime);
  return {
    id: execution?.workflowId ?? '',
    runId: execution?.runId ?? '',
    type: type?.name ?? '',
    taskQueue: taskQueue ?? '',
    status: words.status(number),
    started: isoOf(startTime) ?? '',
    ...defined({ ended }),
  };
}
