import type { temporal as proto } from '@temporalio/proto';
import { defined } from '../../../core/defined.ts';
import { isoOf } from '../connection/times.ts';
import type { EnumNames } from './enum-names.ts';
import { failureText, shortest } from './failure.ts';
import { nextAttempt } from './stuck.ts';
import type { HistoryEntry } from './types.ts';

/**
 * The entries of the history, and pending retries as the server reports them: these enter the history when they are
 * over.
 */
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

/** The history has only the first failure of a task that keeps failing: this adds the number of attempts. */
function withAttempts(entries: readonly HistoryEntry[], attempts: number): HistoryEntry[] {
  const last = entries.findLastIndex(({ kind }) => kind === 'workflow task failed');
  return entries.map((entry, index) => (index === last ? { ...entry, attempts } : entry));
}
