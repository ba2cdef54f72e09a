import { type TemporalStatus, withoutWorker } from '../../app/workflows/temporal-status.ts';
import { counted } from '../../core/text/counted.ts';
import { isPolled, type TaskQueue } from '../../servers/temporal/workflows.ts';
import { table } from './table.ts';
import { summary } from './workflows.ts';

/** For `wt status`: the namespace, and below it each task queue with its workers. */
export function temporalLines(status: TemporalStatus): string[] {
  const { namespace } = status;
  if (status.kind === 'gone') return [`  temporal  ${namespace}: it is gone, with everything in it`];
  if (status.kind === 'unseen') return [`  temporal  ${namespace}: ${status.why}`];
  const { list, queues } = status;
  const rows = queues.map((queue) => [queue.name, workers(queue)]);
  return [
    `  temporal  ${namespace}: ${summary(list)}`,
    rows.length === 0 ? '    no worker has asked for work yet' : table(rows, '    '),
  ];
}

function workers(queue: TaskQueue): string {
  const { pollers, running } = queue;
  const names = pollers.map(({ identity }) => identity);
  const there = names.length === 0 ? [] : [`${counted(names.length, 'worker')}: ${names.join(', ')}`];
  if (isPolled(queue, 'workflow')) return there.join('');
  const wait =
    running === 0 ? '' : `, and ${counted(running, 'workflow')} ${running === 1 ? 'waits' : 'wait'}`;
  const none = there.length === 0 ? 'no worker polls it' : 'no worker polls it for workflows';
  return [`${none}${wait}`, ...there].join('; ');
}

/** The same as JSON. */
export function temporalDocument(status: TemporalStatus) {
  const { kind, namespace } = status;
  if (kind === 'gone') return { namespace, gone: true, problem: 'it is gone' };
  if (kind === 'unseen') return { namespace, problem: status.why };
  const { list, queues } = status;
  const stuck = list.workflows.filter((workflow) => workflow.kind === 'stuck').length;
  const missing = withoutWorker(status).map(({ name }) => name);
  return { namespace, ...list.total, stuck, queues, withoutWorker: missing };
}
