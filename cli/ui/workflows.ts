import type { Target } from '../../app/target/target.ts';
import { verbLine } from '../../app/target/verb-line.ts';
import { ExitCode } from '../../core/errors.ts';
import { since } from '../../core/text/duration.ts';
import type { WorkflowLine, WorkflowList } from '../../servers/temporal/workflows.ts';
import type { Result } from '../define.ts';
import { table } from './table.ts';

/** What a list of workflows is about, and how much of it is shown. */
export interface Listed {
  /** `shop/main` */
  readonly whose: string;
  /** How the environment was named. */
  readonly target: Target;
  /** Page of the namespace in the UI, where there is one. */
  readonly ui: string | undefined;
  /** Lines of each kind, for people. */
  readonly limit: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const kinds = ['stuck', 'failed', 'running'] as const;

/** One line each, as `wt workflows` shows them; JSON has all that were listed. Exit code 1 when one is stuck. */
export function listing(found: WorkflowList, { whose, target, ui, limit, now }: Listed): Result {
  const { workflows, namespace, total } = found;
  const cut = found.cut || workflows.length < total.running + total.failed;
  const shown = kinds.flatMap((kind) => ofKind(workflows, kind).slice(0, limit));
  const [first] = shown;
  const stuck = ofKind(workflows, 'stuck').length;
  const lines = [
    `${whose}: ${summary(found)} (${namespace})`,
    ...(shown.length === 0
      ? []
      : [
          table(
            shown.map((workflow) => line(workflow, now)),
            '  ',
          ),
        ]),
    ...more(found, shown, limit),
    ...(first === undefined ? [] : [`  try: ${verbLine(['workflows show', first.id], target)}`]),
    ...(ui === undefined ? [] : [`  ${ui}`]),
  ];
  return {
    text: lines.join('\n'),
    json: { environment: whose, namespace, ui, stuck, ...total, cut, workflows },
    exitCode: stuck > 0 ? ExitCode.problem : ExitCode.ok,
  };
}

/** `2 stuck, 1 failed in the last 24 hours, 12 running` */
export function summary({ workflows, total }: Pick<WorkflowList, 'workflows' | 'total'>): string {
  const stuck = ofKind(workflows, 'stuck').length;
  const parts = [
    ...(stuck === 0 ? [] : [`${stuck} stuck`]),
    ...(total.failed === 0 ? [] : [`${total.failed} failed in the last 24 hours`]),
    ...(total.running === stuck ? [] : [`${total.running - stuck} running`]),
  ];
  return parts.length === 0 ? 'no workflow runs, none failed in the last 24 hours' : parts.join(', ');
}

function ofKind(workflows: readonly WorkflowLine[], kind: WorkflowLine['kind']): WorkflowLine[] {
  return workflows.filter((workflow) => workflow.kind === kind);
}

function line({ id, type, kind, status, started, ended, reason }: WorkflowLine, now: number): string[] {
  const state = kind === 'failed' ? words[status] : kind;
  return [id, type, state, since(ended ?? started, now), oneLine(reason ?? '')];
}

/** How a workflow ended, from the server's status to plain words. */
const words: Readonly<Record<WorkflowLine['status'], string>> = {
  Running: 'running',
  Completed: 'completed',
  Failed: 'failed',
  Canceled: 'canceled',
  Terminated: 'terminated',
  ContinuedAsNew: 'continued as new',
  TimedOut: 'timed out',
  Paused: 'paused',
  Unknown: 'unknown',
};

function more({ total, cut }: WorkflowList, shown: readonly WorkflowLine[], limit: number): string[] {
  const left = total.running + total.failed - shown.length;
  if (left <= 0) return [];
  const unseen = cut ? '; not all of them were examined' : '';
  return [`  and ${left} more: --limit ${2 * limit}${unseen}`];
}

function oneLine(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim();
  return flat.length > longestReason ? `${flat.slice(0, longestReason - 3)}...` : flat;
}

const longestReason = 160;
