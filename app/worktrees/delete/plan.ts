import { lstat, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { defined } from '../../../core/defined.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { isThere, readIfPresent, unlessAbsent } from '../../../core/files.ts';
import { quote } from '../../../core/shell.ts';
import { branchConfig } from '../../../git/branch-config.ts';
import type { UsualBranch } from '../../../git/branches.ts';
import { type Reference, shaOf, treeOfBlobs } from '../../../git/references.ts';
import { namedGitFolder, type Registration, registrations } from '../../../git/registration.ts';
import type { Worktree } from '../../../git/worktrees.ts';
import { movedFolder } from '../moved-folder.ts';
import { type Repository, requireLinked } from '../repository.ts';
import { deletedNow } from '../trash/age.ts';
import {
  type BranchOutcome,
  type DeletedEnvironment,
  type DeletedWorktree,
  keptRefs,
  newId,
} from '../trash/record.ts';
import { type EarlierEnvironment, type EnvironmentRef, environmentsOf } from './environments.ts';
import { treePlace } from './move-aside.ts';
import type { Endangered, Judgement } from './risks.ts';
import type { Subject } from './subject.ts';

/** What is deleted, as git has it now. */
export interface Condemned extends Endangered {
  readonly name: string;
  /** Absolute path that git knows for the worktree; absent for a branch alone. */
  readonly path?: string;
  readonly registration?: Registration;
  /** Why the branch stays, if that is certain already. */
  readonly branchStays?: BranchOutcome;
  readonly environments: readonly (EnvironmentRef | EarlierEnvironment)[];
}

export interface Intent {
  /** The default branch: asked for once, whatever is deleted. */
  readonly usual: () => Promise<UsualBranch>;
  /** The worktree was listed by this command just now, so that its branch is at its HEAD. */
  readonly listedNow?: boolean;
  readonly keepBranch: boolean;
  /** Environments that are not up may have left telemetry. */
  readonly purge: boolean;
  /** The branches that are deleted by the same command. */
  readonly together: readonly string[];
}

/**
 * Throws COPPICE_MAIN_WORKTREE for the main worktree, a bare repository and the default branch, COPPICE_DELETE for a
 * worktree in whose place a link is.
 */
export async function condemn(
  subject: Subject & { readonly kind: 'worktree' | 'branch' },
  repository: Repository,
  intent: Intent,
): Promise<Condemned> {
  if (subject.kind === 'worktree') requireLinked(subject.worktree);
  const worktree = subject.kind === 'worktree' ? subject.worktree : undefined;
  const branch = subject.kind === 'branch' ? subject.branch : worktree?.branch;
  const { common } = repository;
  const [fallback, tip, place, environments] = await Promise.all([
    branch === undefined || intent.keepBranch ? undefined : intent.usual(),
    branch === undefined ? undefined : tipOf(branch, worktree, common, intent),
    worktree === undefined ? {} : placeOf(worktree, repository),
    environmentsOf({ name: subject.name, ...defined({ path: worktree?.path }) }, repository, intent),
  ]);
  if (branch !== undefined && branch === fallback?.name) throw defaultBranchError(branch, worktree);
  const checkedOut = branch !== undefined && isCheckedOutElsewhere(branch, worktree, repository);
  if (subject.kind === 'branch' && checkedOut) throw checkedOutError(branch ?? '', repository);
  const branchStays: BranchOutcome | undefined = intent.keepBranch
    ? 'kept_asked'
    : checkedOut
      ? 'kept_checked_out'
      : undefined;
  return {
    name: subject.name,
    common,
    environments,
    together: intent.together,
    keepBranch: branchStays !== undefined,
    ...place,
    ...defined({
      branch,
      tip,
      branchStays,
      usual: fallback,
      path: worktree?.path,
      head: worktree?.head !== tip && isSha(worktree?.head) ? worktree?.head : undefined,
      locked: worktree?.locked,
    }),
  };
}

async function tipOf(
  branch: string,
  worktree: Worktree | undefined,
  common: string,
  { listedNow }: Intent,
): Promise<string | undefined> {
  const listed = worktree?.interrupted === true ? undefined : worktree?.head;
  return listedNow && isSha(listed) ? listed : shaOf(common, `refs/heads/${branch}`);
}

function isSha(text: string | undefined): boolean {
  return text !== undefined && /[1-9a-f]/.test(text);
}

type FoundPlace = Pick<Condemned, 'folder' | 'gitFolder' | 'registration' | 'movedTo'>;

/** The folder counts only if it and git's own folder for it name each other. */
async function placeOf(
  { path }: Worktree,
  { common, worktrees }: Pick<Repository, 'common' | 'worktrees'>,
): Promise<FoundPlace> {
  const gitFolder = await namedGitFolder(path);
  const known = await registrations(common);
  const registration =
    known.find((one) => one.gitFolder === gitFolder) ?? known.find((one) => one.path === path);
  if (registration === undefined) return {};
  const own = gitFolder === registration.gitFolder;
  if (own && (await unlessAbsent(lstat(path)))?.isSymbolicLink()) throw await linkError(path);
  const found = { registration, gitFolder: registration.gitFolder };
  if (own) return { ...found, folder: path };
  const parents = [path, ...worktrees.map((one) => one.path)].map((one) => dirname(one));
  return { ...found, ...defined({ movedTo: await movedFolder(registration.gitFolder, parents) }) };
}

/** To move the link would leave every file where it is, and without the way back. */
async function linkError(path: string): Promise<CoppiceError> {
  const real = await realpath(path);
  return new CoppiceError('COPPICE_DELETE', `${path} is a link: the worktree itself is in ${real}`, {
    hint: `rm ${quote(path, 'posix')} && git worktree repair ${quote(real, 'posix')}, then run this again`,
  });
}

function isCheckedOutElsewhere(
  branch: string,
  worktree: Worktree | undefined,
  { worktrees }: Repository,
): boolean {
  return worktrees.some((one) => one.branch === branch && one.path !== worktree?.path && !one.bare);
}

function defaultBranchError(branch: string, worktree: Worktree | undefined): CoppiceError {
  return new CoppiceError(
    'COPPICE_MAIN_WORKTREE',
    `${branch} is the default branch, which is never deleted`,
    {
      ...defined({
        hint:
          worktree === undefined
            ? undefined
            : `to delete its worktree alone: wt delete ${worktree.branch ?? branch} --keep-branch`,
      }),
    },
  );
}

function checkedOutError(branch: string, { worktrees }: Repository): CoppiceError {
  const where = worktrees.find((one) => one.branch === branch)?.path ?? '';
  return new CoppiceError(
    'COPPICE_MAIN_WORKTREE',
    `${branch} is checked out in ${where}, the main worktree`,
    {
      hint: 'switch that to another branch first',
    },
  );
}

/** The journal of a deletion, complete before anything happens. */
export async function planDeletion(
  condemned: Condemned,
  judgement: Judgement,
  options: Pick<DeletedWorktree, 'endWorkflows' | 'purge'>,
): Promise<DeletedWorktree> {
  const { name, common, branch, tip, head, path, folder, registration, branchStays } = condemned;
  const id = newId(name);
  const deletesBranch = branch !== undefined && branchStays === undefined;
  const [tree, config, log, keep] = await Promise.all([
    folder === undefined ? undefined : treePlace(common, id, folder),
    deletesBranch ? branchConfig(common, branch) : [],
    deletesBranch ? readIfPresent(join(common, 'logs', 'refs', 'heads', branch)) : undefined,
    referencesToKeep(condemned, judgement, id),
  ]);
  return {
    version: 1,
    id,
    name,
    deletedAt: deletedNow(),
    keepBranch: branchStays !== undefined,
    ...options,
    environments: condemned.environments.map(stateBefore),
    branchConfig: config,
    keep,
    done: false,
    ...defined({
      branch,
      tip,
      head,
      path,
      tree,
      registration: registration?.id,
      branchLog: log,
      branchOutcome: branchStays,
    }),
  };
}

function stateBefore(environment: EnvironmentRef | EarlierEnvironment): DeletedEnvironment {
  const { app, slug } = environment;
  return { app, slug, state: 'earlier' in environment ? 'absent' : 'there' };
}

/** So that `git gc` keeps what the undo needs: commits, staged files, and what a rebase has put away. */
async function referencesToKeep(
  { common, tip, head, gitFolder }: Condemned,
  { uncommitted }: Judgement,
  id: string,
): Promise<Reference[]> {
  const prefix = keptRefs(id);
  const staging = uncommitted?.staging ?? [];
  const index = staging.length === 0 ? undefined : await treeOfBlobs(common, staging);
  const found: readonly (readonly [string, string | undefined])[] = [
    ['tip', tip],
    ['head', head],
    ['index', index],
    ['autostash', await autostashOf(gitFolder)],
  ];
  return found.flatMap(([name, sha]) => (sha === undefined ? [] : [{ ref: `${prefix}/${name}`, sha }]));
}

async function autostashOf(gitFolder: string | undefined): Promise<string | undefined> {
  for (const state of ['rebase-merge', 'rebase-apply']) {
    const file = gitFolder === undefined ? undefined : join(gitFolder, state, 'autostash');
    if (file !== undefined && (await isThere(file))) return (await readFile(file, 'utf8')).trim();
  }
  return undefined;
}
