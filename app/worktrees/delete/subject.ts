import { defined } from '../../../core/defined.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { slugOf } from '../../../core/names.ts';
import { didYouMean } from '../../../core/suggest.ts';
import { isWithin } from '../../../core/within.ts';
import { listBranches } from '../../../git/branches.ts';
import { nameOf, type Worktree, worktreeOrBranch } from '../../../git/worktrees.ts';
import { movedTo, type Repository } from '../repository.ts';
import { type DeletedWorktree, readRecords } from '../trash/record.ts';
import { type EnvironmentRef, environmentNamed } from './environments.ts';

/** What one argument of `wt delete` means. */
export type Subject =
  | { readonly kind: 'worktree'; readonly name: string; readonly worktree: Worktree }
  | { readonly kind: 'branch'; readonly name: string; readonly branch: string }
  | { readonly kind: 'environment'; readonly name: string; readonly environment: EnvironmentRef }
  /** It was deleted, or its deletion was interrupted. */
  | { readonly kind: 'deleted'; readonly name: string; readonly record: DeletedWorktree };

/** Undefined as a text: the worktree of `cwd`. Throws COPPICE_NO_WORKTREE, COPPICE_AMBIGUOUS. */
export async function subjectOf(
  text: string | undefined,
  repository: Repository,
  cwd: string,
): Promise<Subject> {
  const { worktrees } = repository;
  const records = await readRecords(repository.common);
  const around = text === undefined || text === '.' ? recordNamed(records, undefined, cwd) : undefined;
  // The trash is below the main worktree.
  if (around !== undefined) return { kind: 'deleted', name: around.name, record: around };
  const meant = await worktreeOrBranch(worktrees, text ?? '.', { cwd, folder: repository.common });
  const worktree =
    meant.worktree ?? (meant.branch === undefined ? await movedTo(repository, text ?? '.', cwd) : undefined);
  if (worktree !== undefined) return ofWorktree(worktree, records);
  const record = recordNamed(records, text, cwd);
  if (text === undefined && record === undefined) throw notInWorktreeError(cwd);
  const branch = meant.branch ?? (text === undefined ? undefined : await branchBySlug(repository, text));
  // A killed deletion may have left the branch of a worktree that is moved aside already.
  if (record?.done === false && (meant.branch === undefined || record.name === text))
    return { kind: 'deleted', name: record.name, record };
  if (branch !== undefined) return { kind: 'branch', name: branch, branch };
  const environment = text === undefined ? undefined : await environmentNamed(text, repository);
  if (environment !== undefined) {
    return { kind: 'environment', name: `${environment.app}/${environment.slug}`, environment };
  }
  if (record !== undefined) return { kind: 'deleted', name: record.name, record };
  throw unknownError(text ?? cwd, repository);
}

/** Git still lists a worktree whose deletion was killed between two steps. */
function ofWorktree(worktree: Worktree, records: readonly DeletedWorktree[]): Subject {
  const record = records.find(
    ({ done, path, tree }) => !done && path === worktree.path && tree !== undefined,
  );
  if (record !== undefined && worktree.prunable !== undefined)
    return { kind: 'deleted', name: record.name, record };
  return { kind: 'worktree', name: nameOf(worktree), worktree };
}

function recordNamed(
  records: readonly DeletedWorktree[],
  text: string | undefined,
  cwd: string,
): DeletedWorktree | undefined {
  if (text === undefined) return records.find(({ tree }) => tree !== undefined && isWithin(cwd, tree));
  const named = records.filter(
    ({ name, path, id }) => name === text || slugOf(name) === text || path === text || id === text,
  );
  const exact = named.filter(({ name }) => name === text);
  return [...exact, ...named].find(({ done }) => !done) ?? exact[0] ?? named[0];
}

async function branchBySlug({ common }: Repository, text: string): Promise<string | undefined> {
  const slugs = (await listBranches(common)).filter(({ name }) => slugOf(name) === text);
  if (slugs.length <= 1) return slugs[0]?.name;
  throw new CoppiceError(
    'COPPICE_AMBIGUOUS',
    `${text} is the short name of ${slugs.map(({ name }) => name).join(' and ')}`,
    { hint: 'pass the branch instead' },
  );
}

function notInWorktreeError(cwd: string): CoppiceError {
  return new CoppiceError('COPPICE_NO_WORKTREE', `${cwd} is in no worktree`, {
    hint: 'name the worktree: `wt delete BRANCH`; `wt list` shows them',
  });
}

function unknownError(text: string, { worktrees }: Repository): CoppiceError {
  const names = worktrees.filter(({ main, bare }) => !main && !bare).map(nameOf);
  const hint = didYouMean(text, names, 'worktrees');
  return new CoppiceError('COPPICE_NO_WORKTREE', `there is no worktree, branch or environment ${text}`, {
    ...defined({ hint }),
  });
}
