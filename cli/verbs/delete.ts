import type { Deletion, Deletions } from '../../app/worktrees/delete/deletion.ts';
import type { DeleteOptions } from '../../app/worktrees/delete/options.ts';
import type { RiskKind } from '../../app/worktrees/delete/risks.ts';
import type { DeletedEnvironment } from '../../app/worktrees/trash/record.ts';
import { defined } from '../../core/defined.ts';
import { CoppiceError, ExitCode } from '../../core/errors.ts';
import { environmentName } from '../../core/names.ts';
import { flag, type Result, verb } from '../define.ts';
import { errorDocument, exitCodeOf, renderError } from '../ui/errors.ts';
import { isFinished, telemetryLines } from '../ui/purged.ts';

export const deleteVerb = verb({
  usage: 'delete [branch...]',
  summary: 'delete worktrees, with their environments and branches',
  about:
    'Deletes this worktree, or those that you name by branch, slug or path (`app/slug` for an environment whose worktree is gone). Refuses, and touches nothing, where something would be lost: each risk is named with the option that accepts it. The folder is moved aside at once, then the environment is removed, then the branch if its commits are elsewhere. For 72 hours `wt undo` brings everything back: files, ignored ones too, index, branch and database; with --purge, not its telemetry. Ctrl+C leaves what the same command continues. The main worktree and the default branch are never deleted.',
  examples: [
    ['wt delete', 'this worktree'],
    ['wt delete feat-a feat-b', 'two others'],
    ['wt delete feat-a --discard-changes', 'although files in it are not committed'],
  ],
  options: {
    discardChanges: flag('give up changes that no commit has'),
    discardCommits: flag('give up commits that are neither merged nor pushed'),
    discardSubmoduleCommits: flag('give up commits that only a submodule of this worktree has'),
    discardRepositories: flag('give up repositories in its folder with work of their own'),
    abandonOperation: flag('give up a rebase or the like in progress, or what a git command is writing'),
    endProcesses: flag('end the processes that have their directory in it, agents too'),
    endWorkflows: flag('give up running workflows: they are deleted with their namespace'),
    unlock: flag('delete it although it is locked'),
    leaveMoved: flag('delete it although its folder was moved, and leave that where it is'),
    discardData: flag('with --keep-data: give up a database with rows of its own all the same'),
    keepBranch: flag('leave the branch, and with it its commits'),
    keepData: flag('refuse where the database was written to since it was cloned'),
    purge: flag('delete the logs and metrics of its environments too: `wt undo` does not bring them back'),
    skipHooks: flag('do not run the hook `deleted` of coppice.yaml'),
    yes: flag('run the hook without asking'),
    force: flag('not available: each risk has an option of its own', 'f'),
  },
  run: async (branches, { force, ...options }, ports) => {
    if (force) throw forceError();
    const { deleteWorktrees } = await import('../../app/worktrees/delete/delete.ts');
    return report(await deleteWorktrees(branches, deleteOptions(options), ports), ports.verbose);
  },
});

function forceError(): CoppiceError {
  return new CoppiceError(
    'COPPICE_USAGE',
    'there is no --force: it would accept risks that you were not told of',
    { hint: 'run it without: it names each risk and the option that accepts it' },
  );
}

type Flags = Readonly<
  Record<keyof typeof risks | 'keepBranch' | 'keepData' | 'skipHooks' | 'purge' | 'yes', boolean>
>;

const risks = {
  discardChanges: 'changes',
  discardCommits: 'commits',
  discardSubmoduleCommits: 'submodule-commits',
  discardRepositories: 'repositories',
  abandonOperation: 'operation',
  endProcesses: 'processes',
  endWorkflows: 'workflows',
  unlock: 'locked',
  leaveMoved: 'moved',
  discardData: 'data',
} as const satisfies Readonly<Record<string, RiskKind>>;

function deleteOptions(flags: Flags): DeleteOptions {
  const { keepBranch, keepData, skipHooks, purge, yes } = flags;
  const names = Object.keys(risks) as (keyof typeof risks)[];
  const accepted = new Set<RiskKind>(names.filter((name) => flags[name]).map((name) => risks[name]));
  return { accepted, keepBranch, keepData, skipHooks, purge, yes };
}

function report({ deletions, folder }: Deletions, verbose: boolean): Result {
  const isFine = deletions.every(
    ({ outcome, environments }) =>
      (outcome === 'deleted' || outcome === 'already_deleted') &&
      environments.every(({ telemetry }) => telemetry === undefined || isFinished(telemetry)),
  );
  return {
    text: deletions.map((deletion) => deletionText(deletion, verbose)).join('\n'),
    json: { schema: 1, version: 1, deletions: deletions.map(deletionDocument) },
    exitCode: isFine ? ExitCode.ok : exitCodeFor(deletions),
    ...defined({ folder }),
  };
}

/** Of the one that failed alone: 2 where an option would have answered a question. */
function exitCodeFor(deletions: readonly Deletion[]): number {
  const [only, ...others] = deletions;
  return only?.error !== undefined && others.length === 0 ? exitCodeOf(only.error) : ExitCode.problem;
}

function deletionDocument({ error, ...deletion }: Deletion) {
  return { ...deletion, ...(error === undefined ? {} : { error: errorDocument(error) }) };
}

function deletionText(deletion: Deletion, verbose: boolean): string {
  const { name, outcome, error, undo } = deletion;
  if (outcome === 'refused') return refusalText(deletion);
  if (outcome === 'failed') return renderError(error, { verbose });
  const undoing =
    undo === undefined ? [] : [`  wt undo ${undo.id} brings it back until ${localTime(undo.until)}`];
  if (outcome === 'already_deleted')
    return [alreadyDeletedLine(deletion), ...deletion.environments.flatMap(purgedLines), ...undoing].join(
      '\n',
    );
  return [
    `deleted ${name}`,
    ...placeLines(deletion),
    ...branchLines(deletion),
    ...deletion.environments.flatMap(environmentLines),
    ...deletion.notes.map((note) => `  note         ${note}`),
    ...undoing,
  ].join('\n');
}

function alreadyDeletedLine({ name, environments }: Deletion): string {
  const purged = environments.some(({ telemetry }) => telemetry !== undefined);
  return `${name} is deleted already${purged ? '' : ': there is nothing to do'}`;
}

function environmentLines(environment: DeletedEnvironment): string[] {
  const { app, slug, state, database } = environment;
  const fate = { there: 'there', removed: 'removed', pending: 'to be removed', absent: 'was not up' }[state];
  const kept = database === undefined ? '' : ', its database is kept for 72 hours';
  return [`  environment  ${environmentName(app, slug)}: ${fate}${kept}`, ...purgedLines(environment)];
}

function purgedLines({ app, slug, telemetry }: DeletedEnvironment): string[] {
  if (telemetry === undefined) return [];
  return telemetryLines(telemetry, `wt down ${environmentName(app, slug)} --purge`, '  telemetry   ');
}

function placeLines({ path, worktree, undo }: Deletion): string[] {
  if (path === undefined) return [];
  if (worktree !== 'absent') return [`  worktree     ${path}`];
  const back = undo === undefined ? [] : [`               if you moved it: wt undo ${undo.id} --path FOLDER`];
  return [`  worktree     ${path}: its folder was gone already`, ...back];
}

function branchLines({ branch, branchOutcome, integrated }: Deletion): string[] {
  if (branch === undefined || branchOutcome === undefined) return [];
  const fate = {
    deleted: integrated === undefined ? 'deleted' : `deleted: ${containedText(integrated)}`,
    kept_checked_out: 'kept: another worktree is on it',
    kept_unmerged: 'kept: its commits are nowhere else',
    kept_raced: 'kept: it got commits in the meantime',
    kept_asked: 'kept',
    absent: 'had no commit',
  }[branchOutcome];
  return [`  branch       ${branch}: ${fate}`];
}

function containedText({ how, target }: NonNullable<Deletion['integrated']>): string {
  return {
    'same-commit': `it was at the commit of ${target.name}`,
    ancestor: `${target.name} has its commits`,
    'empty-diff': 'it changed nothing',
    'equal-tree': `${target.name} has the same files`,
    merge: `${target.name} has its changes`,
    'patch-id': `${target.name} has its changes, squashed or picked`,
  }[how];
}

function refusalText({ name, path, risks: found, again }: Deletion): string {
  return [
    `${name} was left as it is${path === undefined ? '' : ` (${path})`}:`,
    ...found.flatMap(({ flag: option, what, details }) => [
      `  ${what}`,
      ...details.map((detail) => `      ${detail}`),
      `    to give that up: ${option}`,
    ]),
    `  to delete it all the same: ${again ?? ''}`,
  ].join('\n');
}

function localTime(iso: string): string {
  const time = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}`;
}
