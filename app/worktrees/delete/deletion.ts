import { join } from 'node:path';
import { defined } from '../../../core/defined.ts';
import { environmentName } from '../../../core/names.ts';
import type { Integrated } from '../../../git/integration.ts';
import type { Repository } from '../repository.ts';
import { KEPT_MS } from '../trash/age.ts';
import type { BranchOutcome, DeletedEnvironment, DeletedWorktree } from '../trash/record.ts';
import type { Judgement, Risk } from './risks.ts';

/** What became of one worktree, as it was carried out. */
export interface Deletion {
  /** As it was asked for; the branch or the folder's name where it was not named. */
  readonly name: string;
  /**
   * `deleted`; `already_deleted` before this command; `refused`: nothing was touched; `failed`: the same command
   * continues, or says what is in its way.
   */
  readonly outcome: 'deleted' | 'already_deleted' | 'refused' | 'failed';
  readonly branch?: string;
  readonly branchOutcome?: BranchOutcome;
  /** `moved`: into the trash; `absent`: its folder was gone already. Absent for a branch or an environment alone. */
  readonly worktree?: 'moved' | 'absent';
  /** Absolute path that it had. */
  readonly path?: string;
  readonly environments: readonly DeletedEnvironment[];
  /** Name for `wt undo`, and until when (ISO time). */
  readonly undo?: { readonly id: string; readonly until: string };
  readonly risks: readonly Risk[];
  /** For a refusal: the whole command that continues. */
  readonly again?: string;
  /** How the work of the branch is contained elsewhere, and in what. */
  readonly integrated?: Integrated;
  /** One line each. */
  readonly notes: readonly string[];
  readonly error?: unknown;
}

export interface Deletions {
  readonly deletions: readonly Deletion[];
  /** Where a shell that stands in a deleted folder should go. */
  readonly folder?: string;
}

export function failure(name: string, error: unknown): Deletion {
  return { name, outcome: 'failed', environments: [], risks: [], notes: [], error };
}

export function notesOf({ endedLock, stashed }: Judgement): string[] {
  return [
    ...(endedLock === undefined ? [] : [`released the lock of an ended process: ${endedLock.text}`]),
    ...(stashed.length === 0
      ? []
      : [
          `the stash keeps ${stashed.length === 1 ? 'an entry' : `${stashed.length} entries`} made on this branch`,
        ]),
  ];
}

export function report(record: DeletedWorktree, notes: readonly string[]): Deletion {
  const { name, branch, branchOutcome, path, tree, environments, id, deletedAt } = record;
  const until = new Date(Date.parse(deletedAt.time) + KEPT_MS).toISOString();
  const pending = environments.filter(({ state }) => state === 'pending');
  return {
    name,
    outcome: 'deleted',
    environments,
    undo: { id, until },
    risks: [],
    notes: [
      ...notes,
      ...pending.map(
        ({ app, slug }) =>
          `the cluster does not answer: ${environmentName(app, slug)} is removed by the next wt that reaches it`,
      ),
    ],
    ...defined({
      branch,
      branchOutcome,
      path,
      worktree:
        path === undefined ? undefined : tree === undefined ? ('absent' as const) : ('moved' as const),
    }),
  };
}

/** For a shell in a folder that is gone now: the main worktree, or one that stays beside a bare repository. */
export function folderAfter(
  deletions: readonly Deletion[],
  { common, home, worktrees }: Repository,
  cwd: string,
): string | undefined {
  const gone = deletions.flatMap(({ outcome, path }) =>
    (outcome === 'deleted' || outcome === 'already_deleted') && path !== undefined ? [path] : [],
  );
  const isGone = gone.some((path) => cwd === path || cwd.startsWith(`${path}/`));
  if (!isGone && !cwd.startsWith(join(common, 'coppice', 'trash'))) return undefined;
  const left = worktrees.filter((one) => !one.bare && one.prunable === undefined && !gone.includes(one.path));
  const usual = left.find(({ branch }) => branch === 'main' || branch === 'master');
  return (left.find(({ main }) => main) ?? usual ?? left[0])?.path ?? home;
}
