import type { TaskQueue, WorkflowList } from '../../temporal/workflow-types.ts';
import { counted } from '../ui/counted.ts';
import { table } from '../ui/table.ts';
import { summary } from './listing.ts';

/** How the Temporal namespace of an environment stands. */
export type TemporalStatus =
  | {
      readonly kind: 'seen';
      readonly namespace: string;
      readonly list: Pick<WorkflowList, 'workflows' | 'total'>;
      readonly queues: readonly TaskQueue[];
    }
  /** The server cannot be asked, or does not have it. */
  | { readonly kind: 'unseen'; readonly namespace: string; readonly why: string };

/** Task queues on which workflows run and for which no worker asks. */
export function withoutWorker(status: TemporalStatus): TaskQueue[] {
  if (status.kind === 'unseen') return [];
  return status.queues.filter(({ running, pollers }) => running > 0 && pollers.length === 0);
}

/** For `wt status`: the namespace, and below it each task queue with its workers. */
export function temporalLines(status: TemporalStatus): string[] {
  const { namespace } = status;
  if (status.kind === 'unseen') return [`  temporal  ${namespace}: ${status.why}`];
  const { list, queues } = status;
  const rows = queues.map((queue) => [queue.name, workers(queue)]);
  return [
    `  temporal  ${namespace}: ${summary(list)}`,
    rows.length === 0 ? '    no worker is known yet' : table(rows, '    '),
  ];
}

function workers({ pollers, running }: TaskQueue): string {
  const names = pollers.map(({ identity }) => identity);
  if (names.length > 0) return `${counted(names.length, 'worker')}: ${names.join(', ')}`;
  if (running === 0) return 'no worker polls it';
  return `no worker polls it, and ${counted(running, 'workflow')} ${running === 1 ? 'waits' : 'wait'}`;
}

/** The same for a program. */
export function temporalDocument(status: TemporalStatus) {
  if (status.kind === 'unseen') return { namespace: status.namespace, problem: status.why };
  const { namespace, list, queues } = status;
  const stuck = list.workflows.filter(({ kind }) => kind === 'stuck').length;
  const missing = withoutWorker(status).map(({ name }) => name);
  return { namespace, ...list.total, stuck, queues, withoutWorker: missing };
}
