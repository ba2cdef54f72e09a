import { counted } from '../../core/text/counted.ts';
import { age, since } from '../../core/text/duration.ts';
import { size } from '../../core/text/size.ts';
import type { FailureText, HistoryEntry, WorkflowHistory } from '../../servers/temporal/workflows.ts';
import type { Result } from '../define.ts';

export interface HistoryContext {
  /** Page of the workflow in the UI, where there is one. */
  readonly ui: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The history of a workflow, as `wt workflows show` prints it: what failed, in the order of time. */
export function historyReport(history: WorkflowHistory, { ui, now }: HistoryContext): Result {
  const { id, runId, type, status, taskQueue, started, ended, inputBytes, startedBy, entries, cut } = history;
  const when = ended === undefined ? '' : `, ended ${since(ended, now)} ago`;
  const lines = [
    `${id} (${type}): ${status}${when}`,
    `  run         ${runId}`,
    `  started     ${since(started, now)} ago by ${startedBy || 'an unknown client'}, ${size(inputBytes)} of input`,
    `  task queue  ${taskQueue}`,
    '',
    ...(entries.length === 0 ? ['  nothing failed'] : entries.flatMap((entry) => entryLines(entry, now))),
    '',
    `  left out: ${leftOut(history)}${cut ? '; the history is longer than what was read' : ''}`,
    ...(ui === undefined ? [] : [`  ${ui}`]),
  ];
  return { text: lines.join('\n'), json: { ...history, ui } };
}

function entryLines({ kind, time, name, attempts, summary, failure, next }: HistoryEntry, now: number) {
  const tried = attempts === undefined || attempts < 2 ? '' : `, tried ${attempts} times`;
  const again = next === undefined ? '' : `, again in ${age(Date.parse(next) - now)}`;
  const what = kind === 'end' ? `ended: ${summary}` : `${kind}: ${name}${tried}${again}: ${summary}`;
  return [`  ${clock(time)}  ${what}`, ...(failure === undefined ? [] : failureLines(failure, summary))];
}

/** The message, if it adds something to the summary, the lines where it was thrown, and its causes. */
function failureLines(failure: FailureText, summary: string, why = ''): string[] {
  const { message, type, stack = [], cause } = failure;
  const text = `${type === undefined ? '' : `${type}: `}${message}`;
  return [
    ...(why === '' && summary.includes(message)
      ? []
      : text.split('\n').map((line) => `${margin}${why}${line}`)),
    ...stack.map((line) => `${margin}| ${line.trim()}`),
    ...(cause === undefined ? [] : failureLines(cause, '', 'because: ')),
  ];
}

/** As wide as a time and its margins. */
const margin = ' '.repeat(13);

/** In UTC, as the server's clock and the pods' logs have it: `12:03:04Z`. */
function clock(time: string): string {
  return `${new Date(time).toISOString().slice(11, 19)}Z`;
}

function leftOut({ left }: WorkflowHistory): string {
  const { events, activitiesCompleted, timersFired, signals, childWorkflowsCompleted } = left;
  const parts = [
    [activitiesCompleted, 'completed activity', 'completed activities'],
    [timersFired, 'timer', 'timers'],
    [signals, 'signal', 'signals'],
    [childWorkflowsCompleted, 'completed child workflow', 'completed child workflows'],
  ] as const;
  const named = parts.flatMap(([count, one, many]) =>
    count === 0 ? [] : [`${count} ${count === 1 ? one : many}`],
  );
  return [...(named.length === 0 ? [] : [named.join(', ')]), `${counted(events, 'event')} in all`].join('; ');
}
