import type { temporal as proto } from '@temporalio/proto';
import { defined } from '../../../core/defined.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { isRefusal, status } from '../connection/grpc-error.ts';
import { isoOf } from '../connection/times.ts';
import type { Temporal } from '../types.ts';
import { loadEnumNames } from './enum-names.ts';
import { readEvents } from './history-events.ts';
import { pendingEntries } from './history-pending.ts';
import type { WorkflowHistory } from './types.ts';

type Event = proto.api.history.v1.IHistoryEvent;

/** A server ends a workflow at 51,200 events (limit.historyCount.error). */
const longest = 52_000;

/**
 * The history of a workflow's given or last run, reduced to what failed and what is retried. Throws
 * COPPICE_NO_WORKFLOW.
 */
export async function workflowHistory(
  temporal: Temporal,
  namespace: string,
  workflowId: string,
  runId?: string,
): Promise<WorkflowHistory> {
  const words = await loadEnumNames();
  const described = await describe(temporal, namespace, workflowId, runId);
  const info = described.workflowExecutionInfo;
  const execution = { workflowId, runId: info?.execution?.runId ?? '' };
  const { events, cut } = await allEvents(temporal, namespace, execution);
  const { entries, ...facts } = readEvents(events, words);
  const ended = isoOf(info?.closeTime);
  return {
    id: workflowId,
    runId: execution.runId,
    type: info?.type?.name ?? '',
    status: words.status(info?.status),
    taskQueue: info?.taskQueue ?? '',
    started: isoOf(info?.startTime) ?? '',
    ...defined({ ended }),
    ...facts,
    entries: pendingEntries(entries, described, words),
    cut,
  };
}

async function describe({ workflow }: Temporal, namespace: string, workflowId: string, runId?: string) {
  try {
    const execution = { workflowId, ...defined({ runId }) };
    return await workflow.describeWorkflowExecution({ namespace, execution });
  } catch (error) {
    // A run id that is not a UUID is an invalid argument.
    if (!isRefusal(error, status.notFound, status.invalidArgument)) throw error;
    const run = runId === undefined ? '' : ` with run ${runId}`;
    throw new CoppiceError(
      'COPPICE_NO_WORKFLOW',
      `there is no workflow ${workflowId}${run} in ${namespace}`,
      {
        hint: '`wt workflows` lists those that run or failed; one that closed long ago is deleted (temporal.retention)',
        cause: error,
      },
    );
  }
}

async function allEvents(
  { workflow }: Temporal,
  namespace: string,
  execution: { readonly workflowId: string; readonly runId: string },
): Promise<{ readonly events: Event[]; readonly cut: boolean }> {
  const events: Event[] = [];
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await workflow.getWorkflowExecutionHistory({
      namespace,
      execution,
      maximumPageSize: 1000,
      nextPageToken,
    });
    events.push(...(page.history?.events ?? []));
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0 && events.length < longest);
  return { events, cut: nextPageToken.length > 0 };
}
