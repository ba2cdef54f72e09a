import type { temporal as proto } from '@temporalio/proto';
import { defined } from '../../../core/defined.ts';
import { isoOf } from '../connection/times.ts';
import type { EnumNames } from './enum-names.ts';
import { failureText, shortest } from './failure.ts';
import { nextAttempt } from './stuck.ts';
import type { HistoryEntry } from './types.ts';

/** What the history has, and what the server tells of what it still tries: that enters the history when it is over. */
export function pendingEntries(
  entries: readonly HistoryEntry[],
  { pendingActivities, pendingWorkflowTask }: proto.api.workflowservice.v1.IDescribeWorkflowExecutionResponse,
  words: EnumNames,
): HistoryEntry[] {
  const retries = (pendingActivities ?? []).flatMap((one): HistoryEntry[] => {
    const failure = failureText(one.lastFailure, words);
    if (!failure) return [];
    const next = nextAttempt(one);
    return [
      {
        kind: 'activity retries',
        name: one.activityType?.name ?? '',
        failure,
        time: isoOf(one.lastAttemptCompleteTime ?? one.lastStartedTime) ?? '',
        summary: shortest(failure) ?? '',
        attempts: (one.attempt ?? 1) - 1,
        ...defined({ next }),
      },
    ];
  });
  const attempt = pendingWorkflowTask?.attempt ?? 1;
  return [...(attempt > 1 ? withAttempts(entries, attempt - 1) : entries), ...retries].sort((one, other) =>
    one.time < other.time ? -1 : one.time > other.time ? 1 : 0,
  );
}

/** Of a task that fails again and again the history has the first failure: it is told how often. */
function withAttempts(entries: readonly HistoryEntry[], attempts: number): HistoryEntry[] {
  const last = entries.findLastIndex(({ kind }) => kind === 'workflow task failed');
  return entries.map((entry, index) => (index === last ? { ...entry, attempts } : entry));
}
