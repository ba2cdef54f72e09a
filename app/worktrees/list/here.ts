import { existsSync } from 'node:fs';
import { findSpec } from '../../../config/spec/find.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { paths } from '../../../core/paths.ts';
import { commonFolder, type LocalBranches, localBranches } from '../../../git/base.ts';
import { changesIn } from '../../../git/changes.ts';
import { divergences } from '../../../git/divergence.ts';
import { gitFolderOf } from '../../../git/head.ts';
import { identify } from '../../../git/identity.ts';
import type { Ports } from '../../ports.ts';
import { addEnvironments } from './environment-column.ts';
import { problemFrom } from './git-columns.ts';
import { readGitFolder } from './git-folder.ts';
import type { ClusterSilence, ListedWorktree } from './item.ts';
import { Rows } from './rows.ts';

/** The worktree of a folder, and what may come next in it. */
export interface Here {
  /** Absolute path of git's common directory. */
  readonly repository: string;
  readonly worktree: ListedWorktree;
  readonly defaultBranch?: string;
  readonly silence?: ClusterSilence;
  /** The two most likely next commands. */
  readonly next: readonly string[];
}

/**
 * The worktree that holds the working folder. Undefined outside of one: in no repository, or in a bare one. Throws what git
 * throws for other reasons.
 */
export async function worktreeHere(ports: Pick<Ports, 'cwd' | 'interrupts'>): Promise<Here | undefined> {
  const outside = ['COPPICE_NOT_A_REPOSITORY', 'COPPICE_NO_WORKTREE'];
  const [identity, changes, repository] = await Promise.all([
    identify(ports.cwd).catch((error: unknown) => {
      if (error instanceof CoppiceError && outside.includes(error.code)) return undefined;
      throw error;
    }),
    changesIn(ports.cwd).catch(problemFrom),
    commonFolder(ports.cwd).catch(() => undefined),
  ]);
  if (identity === undefined || repository === undefined) return undefined;
  const { worktree: path, branch, commit, detached = false } = identity;
  const { movedAt: lastActivity = null, ...facts } = await readGitFolder(path);
  const row: ListedWorktree = {
    path,
    name: branch,
    detached,
    main: (await gitFolderOf(path)) === repository,
    current: true,
    lastActivity,
    ...(commit !== 'unborn' && { head: commit }),
    ...facts,
    ...('code' in changes ? { changes: null, problem: changes } : { changes }),
  };
  const rows = new Rows(repository, [row], () => {});
  const branches = localBranches(repository, undefined).catch(() => undefined);
  const [spec] = await Promise.all([
    findSpec(ports.cwd).catch(() => undefined),
    compare(rows, branches),
    addEnvironments(rows, ports, { branches, whole: false }),
  ]);
  const { worktrees, defaultBranch, silence } = rows.listing;
  const worktree = worktrees[0] ?? row;
  return {
    repository,
    worktree,
    ...(defaultBranch !== undefined && { defaultBranch }),
    ...(silence !== undefined && { silence }),
    next: nextCommands(worktree, { spec: spec !== undefined, cluster: existsSync(paths().clusterRecord) }),
  };
}

/** Whether a folder is in a repository, if in no worktree of it: a bare one. */
export async function isInRepository(cwd: string): Promise<boolean> {
  return commonFolder(cwd).then(
    () => true,
    () => false,
  );
}

async function compare(rows: Rows, branches: Promise<LocalBranches | undefined>): Promise<void> {
  const base = (await branches)?.base;
  const [row] = rows.listing.worktrees;
  if (base === undefined || row?.head === undefined) return;
  const found = await divergences(rows.listing.repository, base.tip, [row.head]).catch(() => undefined);
  rows.set({ defaultBranch: base.name });
  rows.add(row.path, { divergence: found?.get(row.head) ?? null });
}

/** @internal Exported for its test, which passes states in. */
export function nextCommands(
  { operation, environments = [] }: Pick<ListedWorktree, 'operation' | 'environments'>,
  there: { readonly spec: boolean; readonly cluster: boolean },
): string[] {
  if (operation !== undefined) return ['git status', 'wt list'];
  if (!there.spec) return ['wt create BRANCH', 'wt init'];
  if (!there.cluster) return ['wt up', 'wt list'];
  switch (environments[0]?.state) {
    case 'up':
      return ['wt open', 'wt logs -f'];
    case 'changed':
      return ['wt up', 'wt status'];
    case 'starting':
      return ['wt status', 'wt logs -f'];
    case 'degraded':
    case 'failing':
      return ['wt status', 'wt up'];
    case 'stopped':
      return ['wt start', 'wt list'];
    case 'unknown':
      return ['wt cluster status', 'wt list'];
    default:
      return ['wt up', 'wt list'];
  }
}
