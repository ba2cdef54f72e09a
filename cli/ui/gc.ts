import type { Outcome } from '../../app/worktrees/gc/carry-out.ts';
import type { EnvironmentFacts, WorktreeFacts } from '../../app/worktrees/gc/facts.ts';
import type { GcReport } from '../../app/worktrees/gc/gc.ts';
import type { Judged, Verdict } from '../../app/worktrees/gc/judge.ts';
import { environmentName } from '../../core/names.ts';
import { counted } from '../../core/text/counted.ts';
import { widthOf, wrapped } from '../../core/text/width.ts';
import { table } from './table.ts';

/** A worktree or an environment, for people and as JSON. */
interface Thing {
  readonly kind: 'worktree' | 'environment';
  readonly name: string;
  readonly verdict: Verdict;
  readonly outcome: Outcome;
  readonly place: Readonly<Record<string, string>>;
}

function thingsIn({ judgement, outcomes }: GcReport): Thing[] {
  return [
    ...judgement.worktrees.map((judged) => worktreeThing(judged, outcomes.of(judged))),
    ...judgement.environments.map((judged) => environmentThing(judged, outcomes.of(judged))),
  ];
}

function worktreeThing({ facts, verdict }: Judged<WorktreeFacts>, outcome: Outcome): Thing {
  const { name, path, branch } = facts;
  const place = { path, ...(branch !== undefined && { branch }) };
  return { kind: 'worktree', name, verdict, outcome, place };
}

function environmentThing({ facts, verdict }: Judged<EnvironmentFacts>, outcome: Outcome): Thing {
  const { app, slug } = facts;
  return { kind: 'environment', name: environmentName(app, slug), verdict, outcome, place: { app, slug } };
}

/** One line each, those that go first; then what to type next. In a narrow terminal the reasons stand below each name. */
export function gcText(report: GcReport, width?: number): string {
  const things = thingsIn(report);
  const order = ['delete', 'stop', 'keep'];
  const sorted = [...things].sort(
    (one, other) => order.indexOf(one.verdict.action) - order.indexOf(other.verdict.action),
  );
  const rows = sorted.map((thing) => [wordOf(thing), thing.name, reasonsOf(thing)]);
  const whole = table(rows);
  const fits = width === undefined || whole.split('\n').every((line) => widthOf(line) <= width);
  return [fits ? whole : stacked(rows, width), ...endOf(report, things)].join('\n');
}

/** Of so many columns; a name is never cut, as it is what one types. */
function stacked(rows: readonly (readonly string[])[], width: number): string {
  const words = Math.max(...rows.map(([word = '']) => word.length));
  return rows
    .flatMap(([word = '', name = '', reasons = '']) => [
      `${word.padEnd(words)}  ${name}`,
      ...wrapped(reasons, width - 4).map((line) => `    ${line}`),
    ])
    .join('\n');
}

/** Only what went, or could not go: an hourly run that finds nothing to do is one line. */
export function gcLogText(report: GcReport): string {
  const things = thingsIn(report).filter(({ verdict }) => verdict.action !== 'keep');
  const rows = things.map((thing) => [`  ${wordOf(thing)}`, thing.name, reasonsOf(thing)]);
  const head = `${report.repository}: ${summaryOf(thingsIn(report))}`;
  const problem = report.problem === undefined ? [] : [`  ${report.problem}`];
  return [head, ...(rows.length === 0 ? [] : [table(rows)]), ...problem].join('\n');
}

function wordOf({ verdict, outcome }: Thing): string {
  switch (outcome.kind) {
    case 'kept':
      return 'stays';
    case 'proposed':
      return verdict.action === 'stop' ? 'would stop' : 'would go';
    case 'with its worktree':
      return 'with its worktree';
    case 'deleted':
      return 'deleted';
    case 'stopped':
      return 'stopped';
    case 'refused':
      return 'stays';
    case 'failed':
      return 'failed';
    case 'not reached':
      return 'not reached';
  }
}

function reasonsOf({ verdict, outcome }: Thing): string {
  const { action, grounds, protections } = verdict;
  const said = action === 'keep' ? keptText(grounds, protections) : grounds.join('; ');
  if (outcome.kind === 'refused' || outcome.kind === 'failed') return `${outcome.why} (${said})`;
  if (outcome.kind === 'deleted' && outcome.notes.length > 0) return [said, ...outcome.notes].join('; ');
  return said;
}

function keptText(grounds: readonly string[], protections: readonly string[]): string {
  const why = protections.join('; ');
  return grounds.length === 0 ? why : `${why}; otherwise it would go: ${grounds.join('; ')}`;
}

function endOf(report: GcReport, things: readonly Thing[]): string[] {
  const { applied, doubt, problem } = report;
  const undo = things.flatMap(({ outcome }) =>
    outcome.kind === 'deleted' && outcome.undo !== undefined ? [outcome.undo] : [],
  );
  return [
    '',
    summaryOf(things),
    ...(doubt === undefined ? [] : [doubt]),
    ...(problem === undefined ? [] : [problemText(report, problem)]),
    ...(!applied && problem === undefined && things.some(({ outcome }) => outcome.kind === 'proposed')
      ? ['  try: wt gc --apply']
      : []),
    ...(undo.length === 0 ? [] : [`  for 72 hours, to bring one back: wt undo ${undo[0]}`]),
  ];
}

function problemText({ applied }: GcReport, problem: string): string {
  return applied
    ? `nothing further was touched: ${problem}`
    : `nothing was touched, as git failed: ${problem}`;
}

function summaryOf(things: readonly Thing[]): string {
  const of = (kind: Outcome['kind'], action?: Verdict['action']) =>
    things.filter(
      (thing) => thing.outcome.kind === kind && (action ?? thing.verdict.action) === thing.verdict.action,
    ).length;
  const parts = [
    [of('deleted'), 'deleted'],
    [of('stopped'), 'stopped'],
    [of('proposed', 'delete'), 'would go'],
    [of('proposed', 'stop'), 'would be stopped'],
    [of('failed'), 'failed'],
    [of('not reached'), 'not reached'],
    [of('kept') + of('refused'), of('kept') + of('refused') === 1 ? 'stays' : 'stay'],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return said.length === 0 ? counted(0, 'worktree') : said.join(', ');
}

/** The document of one repository. */
export function gcDocument(report: GcReport) {
  const { repository, applied, doubt, problem } = report;
  return {
    repository,
    applied,
    ...(doubt !== undefined && { doubt }),
    ...(problem !== undefined && { problem }),
    items: thingsIn(report).map(({ kind, name, place, verdict, outcome }) => ({
      kind,
      name,
      ...place,
      action: verdict.action,
      grounds: verdict.grounds,
      protections: verdict.protections,
      outcome,
    })),
  };
}
