import type { WorkflowStatus } from './types.ts';

type Word = (number: number | null | undefined) => string;

/** Names of the server's enum numbers, as in Temporal's documentation: `NonDeterministicError`, `StartToClose`. */
export interface EnumNames {
  readonly status: (number: number | null | undefined) => WorkflowStatus;
  readonly taskFailure: Word;
  readonly timeout: Word;
  readonly retryState: Word;
}

/** Loaded only once there is a connection. */
export async function loadEnumNames(): Promise<EnumNames> {
  const { default: proto } = await import('@temporalio/proto');
  const { WorkflowExecutionStatus, WorkflowTaskFailedCause, TimeoutType, RetryState } =
    proto.temporal.api.enums.v1;
  return {
    status: words(WorkflowExecutionStatus, 'WORKFLOW_EXECUTION_STATUS_') as EnumNames['status'],
    taskFailure: words(WorkflowTaskFailedCause, 'WORKFLOW_TASK_FAILED_CAUSE_'),
    timeout: words(TimeoutType, 'TIMEOUT_TYPE_'),
    retryState: words(RetryState, 'RETRY_STATE_'),
  };
}

/** A newer server may have numbers that are not known here. */
function words(values: object, prefix: string): Word {
  const named = new Map(Object.entries(values).map(([name, number]) => [number, name]));
  return (number) => {
    const name = named.get(number ?? 0);
    if (number === 0 || typeof name !== 'string') return 'Unknown';
    return name
      .slice(prefix.length)
      .toLowerCase()
      .replace(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
  };
}
