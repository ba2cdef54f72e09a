import type { temporal as proto } from '@temporalio/proto';
import { defined } from '../../../core/defined.ts';
import { isoOf } from '../connection/times.ts';
import type { Temporal } from '../types.ts';
import type { EnumNames } from './enum-names.ts';
import { failureText, shortest } from './failure.ts';
import { isPolled, type Polled } from './pollers.ts';
import type { Retry } from './types.ts';

type Described = proto.api.workflowservice.v1.IDescribeWorkflowExecutionResponse;
type PendingActivity = proto.api.workflow.v1.IPendingActivityInfo;

/** Why a running workflow makes no progress. */
export interface Stuck {
  readonly reason: string;
  readonly retry?: Retry;
}

/** Attempts count from 1: after two failures the third is next. */
const thirdAttempt = 3;

/** temporal.api.enums.v1.PendingActivityState */
const scheduled = 1;
/** temporal.api.enums.v1.EventType */
const workflowTaskFailed = 9;

/** Undefined for a workflow whose task and activities have failed once at most. */
export async function retrying(
  temporal: Temporal,
  namespace: string,
  described: Described,
  words: EnumNames,
): Promise<Stuck | undefined> {
  const retry =
    activityRetry(described.pendingActivities ?? [], words) ??
    (await workflowTaskRetry(temporal, namespace, described, words));
  if (!retry) return undefined;
  const { what, name, attempt, message } = retry;
  const which = what === 'activity' ? `activity ${name}` : 'its task';
  return { reason: `${which} failed ${attempt - 1} times: ${message}`, retry };
}

function activityRetry(pending: readonly PendingActivity[], words: EnumNames): Retry | undefined {
  const [worst] = pending
    .filter(({ attempt, lastFailure }) => (attempt ?? 0) >= thirdAttempt && lastFailure)
    .sort((one, other) => (other.attempt ?? 0) - (one.attempt ?? 0));
  if (!worst) return undefined;
  const next = nextAttempt(worst);
  return {
    what: 'activity',
    name: worst.activityType?.name ?? '',
    attempt: worst.attempt ?? thirdAttempt,
    message: shortest(failureText(worst.lastFailure, words)) ?? '',
    ...defined({ next }),
  };
}

/** Time of the next attempt; undefined while one is running. */
export function nextAttempt({ state, nextAttemptScheduleTime }: PendingActivity): string | undefined {
  return state === scheduled ? isoOf(nextAttemptScheduleTime) : undefined;
}

async function workflowTaskRetry(
  { workflow }: Temporal,
  namespace: string,
  { pendingWorkflowTask, workflowExecutionInfo }: Described,
  words: EnumNames,
): Promise<Retry | undefined> {
  const attempt = pendingWorkflowTask?.attempt ?? 0;
  if (attempt < thirdAttempt) return undefined;
  // The history has the first failure in a row; the server does not show the later ones.
  const { history } = await workflow.getWorkflowExecutionHistoryReverse({
    namespace,
    execution: workflowExecutionInfo?.execution ?? null,
    maximumPageSize: 50,
  });
  const event = history?.events?.find(({ eventType }) => eventType === workflowTaskFailed);
  const failed = event?.workflowTaskFailedEventAttributes;
  return {
    what: 'workflow task',
    name: workflowExecutionInfo?.type?.name ?? '',
    attempt,
    message: shortest(failureText(failed?.failure, words)) ?? words.taskFailure(failed?.cause),
  };
}

/** Set when no worker polls the task queue that it waits for. */
export async function unpolled(
  { workflowExecutionInfo, pendingActivities }: Described,
  polled: (taskQueue: string) => Promise<Polled>,
): Promise<Stuck | undefined> {
  const own = workflowExecutionInfo?.taskQueue ?? '';
  if (!isPolled(await polled(own), 'workflow')) return { reason: `no worker asks for work of ${own}` };
  for (const { state, activityType, activityOptions } of pendingActivities ?? []) {
    const queue = activityOptions?.taskQueue?.name || own;
    if (state === scheduled && !isPolled(await polled(queue), 'activity')) {
      return { reason: `no worker asks for activities of ${queue}, and ${activityType?.name} waits` };
    }
  }
  return undefined;
}
