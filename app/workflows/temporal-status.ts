import { counted } from '../../core/text/counted.ts';
import { isPolled, type TaskQueue, type WorkflowList } from '../../servers/temporal/workflows.ts';

/** The state of an environment's Temporal namespace. */
export type TemporalStatus =
  | {
      readonly kind: 'seen';
      readonly namespace: string;
      readonly list: Pick<WorkflowList, 'workflows' | 'total'>;
      readonly queues: readonly TaskQueue[];
    }
  /** The server does not have it: an `up` recreates it. */
  | { readonly kind: 'gone'; readonly namespace: string }
  /** The server does not answer. */
  | { readonly kind: 'unseen'; readonly namespace: string; readonly why: string };

/** Task queues on which workflows run, and which no worker polls for workflows. */
export function withoutWorker(status: TemporalStatus): TaskQueue[] {
  if (status.kind !== 'seen') return [];
  return status.queues.filter((queue) => queue.running > 0 && !isPolled(queue, 'workflow'));
}

/** Why an environment is not simply up. `workers`: workflows wait, and nobody asks for their tasks. */
export interface TemporalFault {
  readonly kind: 'namespace' | 'workers';
  /** One sentence. */
  readonly what: string;
}

export function temporalFaults(status: TemporalStatus): TemporalFault[] {
  if (status.kind === 'gone') {
    const what = `its Temporal namespace ${status.namespace} is gone, with everything in it`;
    return [{ kind: 'namespace', what }];
  }
  return withoutWorker(status).map(({ name, running }) => {
    const waiting = `${counted(running, 'workflow')} ${running === 1 ? 'waits' : 'wait'}`;
    return {
      kind: 'workers',
      what: `no worker polls task queue ${name} for workflows, and ${waiting} there`,
    };
  });
}
