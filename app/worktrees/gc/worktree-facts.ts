import { dirname, sep } from 'node:path';
import { lifetimeOf } from '../../../config/spec/lifetime.ts';
import { defined } from '../../../core/defined.ts';
import { isOneFolder, isThere, namesIn } from '../../../core/files.ts';
import type { Branch } from '../../../git/branches.ts';
import { type Integrated, type IntegrationTarget, integrationOf } from '../../../git/integration.ts';
import { commitsLeftBehind, tipsLeftBehind } from '../../../git/left-behind.ts';
import { lockFileIn, operationIn } from '../../../git/operation.ts';
import { submoduleCommits } from '../../../git/submodules.ts';
import { type Uncommitted, uncommittedIn } from '../../../git/uncommitted.ts';
import { commitsOnlyIn } from '../../../git/unpushed.ts';
import { nameOf, type Worktree } from '../../../git/worktrees.ts';
import type { Known } from '../../activity/known.ts';
import type { FolderProcess } from '../../activity/processes.ts';
import { touchesOf } from '../../activity/touched.ts';
import { lockHolder } from '../lock-holder.ts';
import { movedFolder } from '../moved-folder.ts';
import { attempt } from './attempt.ts';
import type { Lock, Merged, Role, RunningProcess, WorktreeFacts } from './facts.ts';
import { lifetimeIn } from './lifetime.ts';
import { workedOn } from './worked.ts';

/** What all worktrees of a repository have in common when gc looks. */
export interface Surroundings {
  /** Absolute path of git's common folder. */
  readonly common: string;
  /** Absolute path of the worktree that `wt` was called in; absent outside of one. */
  readonly current?: string;
  readonly defaultBranch?: string;
  readonly targets: readonly IntegrationTarget[];
  readonly branches: readonly Branch[];
  /** Paths of all worktrees. */
  readonly paths: readonly string[];
  /** Git's own folder of each worktree, by the path that it has in git's list. */
  readonly gitFolders: ReadonlyMap<string, string>;
  readonly processes: Known<ReadonlyMap<string, readonly FolderProcess[]>>;
}

/** Looks at one worktree. Never throws for what git or the disk says: what cannot be read is unknown, and why. */
export async function worktreeFacts(worktree: Worktree, around: Surroundings): Promise<WorktreeFacts> {
  const { path, branch: name } = worktree;
  const branch = around.branches.find((one) => one.name === name);
  const gitFolder = around.gitFolders.get(path);
  const [folder, changes] = await Promise.all([
    folderOf(worktree, around),
    attempt(() => changesOf(worktree)),
  ]);
  const merged = await attempt(() => mergedInto(worktree, branch, around));
  const [lifetime, touches, unpushedInSubmodules, underway, unpushed, leftBehind, worked] = await Promise.all(
    [
      attempt(async () => (isThereFor(folder, worktree) ? lifetimeIn(path) : lifetimeOf())),
      gitFolder === undefined
        ? { unknown: 'git keeps no folder for it' }
        : touchesOf({ path, gitFolder, changed: 'value' in changes ? changes.value.files : [] }),
      attempt(() => submodulesOf(path, gitFolder, around.common)),
      attempt(async () => (gitFolder === undefined ? undefined : underwayIn(gitFolder))),
      attempt(() => unpushedOf(worktree, branch, around.common)),
      attempt(() => leftBehindIn(worktree, gitFolder, around.common)),
      attempt(() => workedIn(worktree, branch, 'value' in merged ? merged.value : undefined, around.common)),
    ],
  );
  return {
    path,
    name: nameOf(worktree),
    roles: rolesOf(worktree, around),
    folder,
    inner: around.paths.filter((one) => one.startsWith(`${path}${sep}`)),
    touches,
    uncommitted: 'value' in changes ? { value: changes.value.files.length } : changes,
    unpushed,
    leftBehind,
    unpushedInSubmodules,
    merged: 'value' in merged ? { value: merged.value && words(merged.value) } : merged,
    worked,
    upstreamGone: branch?.upstreamGone ?? false,
    underway,
    processes: runningIn(path, around.processes),
    lifetime,
    ...defined({ branch: name, lock: lockOf(worktree) }),
  };
}

function rolesOf({ path, main, bare, branch }: Worktree, around: Surroundings): Role[] {
  const is: readonly (readonly [Role, boolean])[] = [
    ['bare', bare],
    ['main', main && !bare],
    ['current', around.current !== undefined && isOneFolder(around.current, path)],
    ['default branch', branch !== undefined && branch === around.defaultBranch],
  ];
  return is.flatMap(([role, holds]) => (holds ? [role] : []));
}

function lockOf({ locked }: Worktree): Lock | undefined {
  if (locked === undefined) return undefined;
  const { pid, ended } = lockHolder(locked);
  return { reason: locked, ended: pid === undefined ? { unknown: 'it names no process' } : { value: ended } };
}

/**
 * A folder that is not there may be on a disk that is not mounted, or was moved by hand: then it is not gone. The folder
 * around it must be there with something in it, or be one of the repository's own.
 */
async function folderOf(
  { path, prunable, locked }: Worktree,
  { common, gitFolders }: Surroundings,
): Promise<WorktreeFacts['folder']> {
  if (prunable === undefined && (locked === undefined || (await isThere(path)))) return { value: 'there' };
  if (await isThere(path)) return { unknown: `git finds fault with it: ${prunable}` };
  const parent = dirname(path);
  const around = await namesIn(parent).catch(() => []);
  const isInside = path.startsWith(`${dirname(common)}${sep}`);
  if (around.length === 0 && !(isInside && (await isThere(parent))))
    return {
      unknown: `its folder is not there, and ${parent} is empty or not there either, as where a disk is not mounted`,
    };
  const gitFolder = gitFolders.get(path);
  const moved = gitFolder === undefined ? undefined : await movedFolder(gitFolder, [parent]);
  if (moved !== undefined)
    return {
      unknown: `its folder was moved to ${moved}, and git does not know: run \`git worktree repair ${moved}\``,
    };
  return { value: 'gone' };
}

/** Whether git can be asked in it. */
function isThereFor(folder: WorktreeFacts['folder'], { bare }: Worktree): boolean {
  return !bare && 'value' in folder && folder.value === 'there';
}

const nothing: Uncommitted = {
  staged: 0,
  modified: 0,
  untracked: 0,
  conflicted: 0,
  files: [],
  submodules: [],
  staging: [],
};

async function changesOf({ path, bare }: Worktree): Promise<Uncommitted> {
  return bare || !(await isThere(path)) ? nothing : uncommittedIn(path);
}

async function mergedInto(
  { head, bare }: Worktree,
  branch: Branch | undefined,
  { common, targets }: Surroundings,
): Promise<Integrated | undefined> {
  const tip = branch?.tip ?? head;
  if (bare || tip === undefined || /^0+$/.test(tip)) return undefined;
  return integrationOf({ folder: common, tip, targets });
}

const wordsOf: Readonly<Record<Integrated['how'], string>> = {
  'same-commit': 'by fast-forward (it is the same commit)',
  ancestor: 'by a merge or fast-forward (its last commit is in it)',
  'empty-diff': 'with nothing left to merge (its commits change nothing)',
  'equal-tree': 'by squash or rebase (all files are equal)',
  merge: 'by squash or rebase (a merge would change nothing)',
  'patch-id': 'by squash or rebase (the same change is in it)',
};

function words({ how, target }: Integrated): Merged {
  return { into: target.name, how: wordsOf[how] };
}

/** A detached HEAD has no branch that could have been merged. */
async function workedIn(
  { branch: name }: Worktree,
  branch: Branch | undefined,
  merged: Integrated | undefined,
  common: string,
): Promise<boolean> {
  if (name === undefined || merged === undefined) return false;
  if (branch === undefined) throw new Error(`there is no branch ${name}`);
  return workedOn(common, branch, merged);
}

async function unpushedOf(
  { head, branch: name, bare }: Worktree,
  branch: Branch | undefined,
  common: string,
): Promise<number> {
  const tips = new Set([branch?.tip, head].filter((tip) => tip !== undefined && !/^0+$/.test(tip)));
  if (bare || tips.size === 0) return 0;
  const branches = name === undefined ? [] : [name];
  const counts = await Promise.all(
    [...tips].map((tip) => commitsOnlyIn(common, { tip: tip ?? '', branches, tagsKeep: name === undefined })),
  );
  return Math.max(...counts.map(({ count }) => count));
}

async function underwayIn(gitFolder: string): Promise<string | undefined> {
  const [operation, lock] = await Promise.all([operationIn(gitFolder), lockFileIn(gitFolder)]);
  return operation ?? (lock && `git command, or one that was killed (${lock}),`);
}

async function leftBehindIn(
  { head, branch }: Worktree,
  gitFolder: string | undefined,
  common: string,
): Promise<number> {
  const tips = gitFolder === undefined ? [] : await tipsLeftBehind(gitFolder);
  const counted = head === undefined || /^0+$/.test(head) ? [] : [head];
  return (await commitsLeftBehind(common, tips, { counted, branches: branch === undefined ? [] : [branch] }))
    .count;
}

async function submodulesOf(
  path: string,
  gitFolder: string | undefined,
  commonFolder: string,
): Promise<number> {
  if (gitFolder === undefined) return 0;
  const isPlain = !(await isThere(`${gitFolder}/modules`)) && !(await isThere(`${path}/.gitmodules`));
  if (isPlain) return 0;
  const found = await submoduleCommits({ worktree: path, gitFolder, commonFolder });
  return found.reduce((sum, { count }) => sum + count, 0);
}

function runningIn(path: string, processes: Surroundings['processes']): Known<readonly RunningProcess[]> {
  if ('unknown' in processes) return processes;
  const found = processes.value.get(path) ?? [];
  return { value: found.map(({ pid, agent, command }) => ({ pid, name: agent ?? programIn(command) })) };
}

function programIn(command: string): string {
  return command.split(' ')[0]?.split('/').at(-1) || 'unknown';
}
