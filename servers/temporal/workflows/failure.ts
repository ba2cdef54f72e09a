import type { temporal } from '@temporalio/proto';
import { defined } from '../../../core/defined.ts';
import type { EnumNames } from './enum-names.ts';
import type { FailureText } from './types.ts';

type Failure = temporal.api.failure.v1.IFailure;

const stackLines = 3;
/** Chains of causes can be endless. */
const deepest = 10;

/** A failure as the app threw it, without fields that only an SDK reads. */
export function failureText(failure: Failure | null | undefined, words: EnumNames): FailureText | undefined {
  return failure ? textOf(failure, words, deepest) : undefined;
}

function textOf(failure: Failure, words: EnumNames, depth: number): FailureText {
  const type = typeOf(failure, words);
  const stack = (failure.stackTrace ?? '')
    .split('\n')
    .map((line) => line.trim())
    // Many languages repeat the message above the stack.
    .filter((line) => line !== '' && !(failure.message && line.endsWith(failure.message)))
    .slice(0, stackLines);
  return {
    message: failure.message || (type ?? 'no message'),
    ...defined({ type }),
    ...(stack.length > 0 ? { stack } : {}),
    ...(failure.cause && depth > 0 ? { cause: textOf(failure.cause, words, depth - 1) } : {}),
  };
}

function typeOf(failure: Failure, words: EnumNames): string | undefined {
  const {
    applicationFailureInfo,
    timeoutFailureInfo,
    activityFailureInfo,
    childWorkflowExecutionFailureInfo,
  } = failure;
  if (applicationFailureInfo) return applicationFailureInfo.type || undefined;
  if (timeoutFailureInfo) return words.timeout(timeoutFailureInfo.timeoutType);
  if (activityFailureInfo) return activityFailureInfo.activityType?.name || undefined;
  return childWorkflowExecutionFailureInfo?.workflowType?.name || undefined;
}

/** The root cause, in one line: `CardDeclined: the card was declined`. */
export function shortest(failure: FailureText | undefined): string | undefined {
  if (!failure) return undefined;
  let root = failure;
  while (root.cause) root = root.cause;
  const line = root.message.split('\n')[0] ?? '';
  return root.type === undefined || root.type === 'Error' || line.includes(root.type)
    ? line
    : `${root.type}: ${line}`;
}
