import type { temporal as proto } from '@temporalio/proto';
import type { EnumNames } from './enum-names.ts';
import { failureText, shortest } from './failure.ts';

/** Why a workflow ended, in one line, from its last event; undefined where that gives no reason. */
export function closeReason(
  event: proto.api.history.v1.IHistoryEvent | undefined,
  words: EnumNames,
): string | undefined {
  const failed = event?.workflowExecutionFailedEventAttributes;
  if (failed) return shortest(failureText(failed.failure, words));
  const terminated = event?.workflowExecutionTerminatedEventAttributes;
  if (terminated) {
    const { identity, reason } = terminated;
    return (
      ['terminated', identity && `by ${identity}`].filter(Boolean).join(' ') + (reason ? `: ${reason}` : '')
    );
  }
  if (event?.workflowExecutionTimedOutEventAttributes) return 'its time was over';
  return undefined;
}
