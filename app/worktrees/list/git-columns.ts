import { defined } from '../../../core/defined.ts';
import { CoppiceError, messageOf } from '../../../core/errors.ts';
import type { LocalBranches } from '../../../git/base.ts';
import { changedPaths, changesIn, parseChanges, statusArguments } from '../../../git/changes.ts';
import { divergences } from '../../../git/divergence.ts';
import { gitInEach } from '../../../git/many.ts';
import { processesIn } from '../../activity/processes.ts';
import { timeOf } from './git-folder.ts';
import type { ListedWorktree, ListProblem } from './item.ts';
import type { Rows } from './rows.ts';

/** As many changed files are looked at for when they were written; a tree that was generated has thousands. */
const LOOKED_AT = 200;

/** Adds what each worktree has that no commit has; where git fails, why. */
export async function addChanges(rows: Rows): Promise<void> {
  const { worktrees } = rows.listing;
  for (const { path, prunable } of worktrees) if (prunable !== undefined) rows.add(path, { changes: null });
  const failed: string[] = [];
  const there = worktrees.filter(({ prunable }) => prunable === undefined);
  await gitInEach(
    there.map(({ path }) => path),
    statusArguments,
    (path, { code, stdout }) => {
      const row = there.find((one) => one.path === path);
      if (code === 0 && row !== undefined) rows.add(path, changesOf(row, stdout));
      else failed.push(path);
    },
  );
  await Promise.all(failed.map(async (path) => rows.add(path, await askAgain(path))));
}

function changesOf({ path, lastActivity }: ListedWorktree, status: string): Partial<ListedWorktree> {
  const files = changedPaths(status).slice(0, LOOKED_AT);
  const times = files.flatMap((file) => timeOf(`${path}/${file}`) ?? []);
  return { changes: parseChanges(status), lastActivity: Math.max(lastActivity ?? 0, ...times) || null };
}

/** The same question once more, for the words of git's error. */
async function askAgain(path: string): Promise<Partial<ListedWorktree>> {
  try {
    return { changes: await changesIn(path) };
  } catch (error) {
    return { changes: null, problem: problemFrom(error) };
  }
}

export function problemFrom(error: unknown): ListProblem {
  if (!(error instanceof CoppiceError)) return { code: 'COPPICE_GIT', message: messageOf(error) };
  return { code: error.code, message: error.message, ...defined({ hint: error.hint }) };
}

/** Adds how far each worktree is ahead of and behind the default branch. */
export async function addDivergence(rows: Rows, branches: Promise<LocalBranches | undefined>): Promise<void> {
  const base = (await branches)?.base;
  if (base === undefined) return;
  const { repository, worktrees } = rows.listing;
  rows.set({ defaultBranch: base.name });
  const heads = worktrees.flatMap(({ head }) => head ?? []);
  const found = await divergences(repository, base.tip, heads).catch(() => undefined);
  for (const { path, head } of worktrees)
    if (head !== undefined) rows.add(path, { divergence: found?.get(head) ?? null });
}

/** Adds the agents that work in each. */
export async function addAgents(rows: Rows): Promise<void> {
  const found = await processesIn(rows.listing.worktrees.map(({ path }) => path));
  for (const { path } of rows.listing.worktrees)
    rows.add(path, { agents: (found.get(path) ?? []).filter(({ agent }) => agent !== undefined) });
}
