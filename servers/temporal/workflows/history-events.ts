import type { temporal as proto } from '@temporalio/proto';
import { defined } from '../../../core/defined.ts';
import { isoOf } from '../connection/times.ts';
import { closeReason } from './close-reason.ts';
import type { EnumNames } from './enum-names.ts';
import { failureText, shortest } from './failure.ts';
import type { HistoryEntry, WorkflowHistory } from './types.ts';

type Event = proto.api.history.v1.IHistoryEvent;
type Failure = proto.api.failure.v1.IFailure;

type Read = Pick<WorkflowHistory, 'inputBytes' | 'startedBy' | 'entries' | 'left'>;

/** Normal in every long workflow: a command and a new event coincided. */
const harmless = ['UnhandledCommand', 'ResetStickyTaskQueue'];

/** The failures in these events, and counts of what went well. Pure. */
export function readEvents(events: readonly Event[], words: EnumNames): Read {
  const scheduled = new Map<string, string>();
  const starts = new Map<string, { readonly attempt: number; readonly lastFailure: Failure | undefined }>();
  const entries: HistoryEntry[] = [];
  const left = { events: events.length, activitiesCompleted: 0, timersFired: 0, signals: 0 };
  let childWorkflowsCompleted = 0;
  const [first] = events;
  const started = first?.workflowExecutionStartedEventAttributes;
  const own = started?.workflowType?.name ?? '';

  const activity = (kind: HistoryEntry['kind'], event: Event, of: unknown, failure: Failure | undefined) => {
    const start = starts.get(String(of));
    const name = scheduled.get(String(of)) ?? '';
    entries.push(entry(kind, event, name, failure, words, start?.attempt));
  };
  for (const event of events) {
    const activityScheduled = event.activityTaskScheduledEventAttributes;
    if (activityScheduled) scheduled.set(String(event.eventId), activityScheduled.activityType?.name ?? '');

    const activityStarted = event.activityTaskStartedEventAttributes;
    if (activityStarted) {
      const { scheduledEventId, attempt, lastFailure } = activityStarted;
      starts.set(String(scheduledEventId), { attempt: attempt ?? 1, lastFailure: lastFailure ?? undefined });
    }

    const completed = event.activityTaskCompletedEventAttributes;
    if (completed) {
      const failure = starts.get(String(completed.scheduledEventId))?.lastFailure;
      if (failure) activity('activity recovered', event, completed.scheduledEventId, failure);
      else left.activitiesCompleted += 1;
    }

    const failed = event.activityTaskFailedEventAttributes;
    if (failed) activity('activity failed', event, failed.scheduledEventId, failed.failure ?? undefined);

    const timedOut = event.activityTaskTimedOutEventAttributes;
    if (timedOut)
      activity('activity timed out', event, timedOut.scheduledEventId, timedOut.failure ?? undefined);

    const task = event.workflowTaskFailedEventAttributes;
    if (task && !harmless.includes(words.taskFailure(task.cause))) {
      const failure = failureText(task.failure, words);
      entries.push({
        kind: 'workflow task failed',
        time: isoOf(event.eventTime) ?? '',
        name: own,
        summary: words.taskFailure(task.cause),
        ...defined({ failure }),
      });
    }

    const late = event.workflowTaskTimedOutEventAttributes;
    // ScheduleToStart is harmless: the worker that had it in memory is gone, and another one takes over.
    if (late && words.timeout(late.timeoutType) === 'StartToClose') {
      const summary = words.timeout(late.timeoutType);
      entries.push({
        kind: 'workflow task timed out',
        time: isoOf(event.eventTime) ?? '',
        name: own,
        summary,
      });
    }

    const child = childFailure(event);
    if (child) entries.push(entry('child workflow failed', event, child.name, child.failure, words));

    if (event.timerFiredEventAttributes) left.timersFired += 1;
    if (event.workflowExecutionSignaledEventAttributes) left.signals += 1;
    if (event.childWorkflowExecutionCompletedEventAttributes) childWorkflowsCompleted += 1;
  }
  const end = endEntry(events.at(-1), own, words);
  return {
    inputBytes: bytesOf(started?.input),
    startedBy: started?.identity ?? '',
    entries: end ? [...entries, end] : entries,
    left: { ...left, childWorkflowsCompleted },
  };
}

function entry(
  kind: HistoryEntry['kind'],
  event: Event,
  name: string,
  from: Failure | undefined,
  words: EnumNames,
  attempts?: number,
): HistoryEntry {
  const failure = failureText(from, words);
  return {
    kind,
    time: isoOf(event.eventTime) ?? '',
    name,
    summary: shortest(failure) ?? kind,
    ...defined({ attempts, failure }),
  };
}

function childFailure(
  event: Event,
): { readonly name: string; readonly failure: Failure | undefined } | undefined {
  const failed = event.childWorkflowExecutionFailedEventAttributes;
  if (failed) return { name: failed.workflowType?.name ?? '', failure: failed.failure ?? undefined };
  const other =
    event.childWorkflowExecutionTimedOutEventAttributes ??
    event.childWorkflowExecutionTerminatedEventAttributes ??
    event.startChildWorkflowExecutionFailedEventAttributes;
  return other ? { name: other.workflowType?.name ?? '', failure: undefined } : undefined;
}

/** Undefined while it runs. */
function endEntry(event: Event | undefined, name: string, words: EnumNames): HistoryEntry | undefined {
  if (!event) return undefined;
  const word = endWord(event);
  if (word === undefined) return undefined;
  const failure = failureText(event.workflowExecutionFailedEventAttributes?.failure, words);
  const why = closeReason(event, words);
  return {
    kind: 'end',
    time: isoOf(event.eventTime) ?? '',
    name,
    summary: why === undefined ? word : `${word}: ${why}`,
    ...defined({ failure }),
  };
}

function endWord(event: Event): string | undefined {
  if (event.workflowExecutionCompletedEventAttributes) return 'Completed';
  if (event.workflowExecutionFailedEventAttributes) return 'Failed';
  if (event.workflowExecutionTimedOutEventAttributes) return 'TimedOut';
  if (event.workflowExecutionCanceledEventAttributes) return 'Canceled';
  if (event.workflowExecutionTerminatedEventAttributes) return 'Terminated';
  if (event.workflowExecutionContinuedAsNewEventAttributes) return 'ContinuedAsNew';
  return undefined;
}

function bytesOf(payloads: proto.api.common.v1.IPayloads | null | undefined): number {
  return (payloads?.payloads ?? []).reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
}
