import { messageOf } from '../../../core/errors.ts';
import { isThere } from '../../../core/files.ts';
import { quote } from '../../../core/shell.ts';
import { counted } from '../../../core/text/counted.ts';
import type { UsualBranch } from '../../../git/branches.ts';
import {
  type Integrated,
  type IntegrationTarget,
  integrationOf,
  integrationTargets,
} from '../../../git/integration.ts';
import { commitsLeftBehind, tipsLeftBehind } from '../../../git/left-behind.ts';
import { type Listing, listingOf } from '../../../git/listing.ts';
import { type NestedRepository, nestedRepositories } from '../../../git/nested.ts';
import { lockFileIn, operationIn } from '../../../git/operation.ts';
import { submoduleCommits } from '../../../git/submodules.ts';
import { type Uncommitted, uncommittedIn } from '../../../git/uncommitted.ts';
import { commitsOnlyIn, type LooseCommits, stashedOn } from '../../../git/unpushed.ts';
import { processesIn } from '../../activity/processes.ts';
import { type LockHolder, lockHolder } from '../lock-holder.ts';

/** What may be lost, and the option that accepts it. */
export type RiskKind =
  | 'changes'
  | 'operation'
  | 'commits'
  | 'submodule-commits'
  | 'repositories'
  | 'processes'
  | 'locked'
  | 'moved'
  | 'workflows'
  | 'data';

/** One risk. Each has an option of its own: whoever accepts one does not accept what they were not told. */
export interface Risk {
  readonly kind: RiskKind;
  /** `--discard-changes` */
  readonly flag: string;
  /** One line: what would be lost. */
  readonly what: string;
  /** Names: files, commits, processes. */
  readonly details: readonly string[];
}

export const riskFlags: Readonly<Record<RiskKind, string>> = {
  changes: '--discard-changes',
  operation: '--abandon-operation',
  commits: '--discard-commits',
  'submodule-commits': '--discard-submodule-commits',
  repositories: '--discard-repositories',
  processes: '--end-processes',
  locked: '--unlock',
  moved: '--leave-moved',
  workflows: '--end-workflows',
  data: '--discard-data',
};

/** A worktree, or a branch alone, whose deletion is considered. */
export interface Endangered {
  /** Absolute path of the repository's common folder. */
  readonly common: string;
  /** Absolute path of the worktree's folder; absent when it is gone, or there never was one. */
  readonly folder?: string;
  /** Absolute path of git's own folder for the worktree; absent for a branch alone. */
  readonly gitFolder?: string;
  /** Absolute path of the folder where it was moved by hand: git does not know. */
  readonly movedTo?: string;
  readonly branch?: string;
  /** Full sha of the branch; absent before its first commit and without a branch. */
  readonly tip?: string;
  /** Full sha of HEAD, where it is detached: on no branch, or in the middle of a rebase. */
  readonly head?: string;
  /** The reason of a lock. */
  readonly locked?: string;
  /** The default branch, if it is known. */
  readonly usual?: UsualBranch;
  /** The branches that are deleted by the same command. */
  readonly together: readonly string[];
  /** Whether the branch stays. */
  readonly keepBranch: boolean;
}

/** What is at stake, and what the deletion has to know of it. */
export interface Judgement {
  readonly risks: readonly Risk[];
  /** How the work of the branch is contained elsewhere; absent when it is not, or nobody had to ask. */
  readonly integrated?: Integrated;
  readonly uncommitted?: Uncommitted;
  /** What the folder had; absent where there is none. */
  readonly listing?: Listing;
  /** Whose lock is released without being asked, as its process has ended. */
  readonly endedLock?: LockHolder;
  /** Messages of stash entries of the branch: they stay. */
  readonly stashed: readonly string[];
  /** Processes with their directory in it. */
  readonly processes: readonly number[];
}

/** What git and this machine know; the environment is judged on its own. Nothing is changed. */
export async function risksOf(endangered: Endangered): Promise<Judgement> {
  const { common, branch, folder, gitFolder, locked, movedTo } = endangered;
  const listing = folder === undefined ? undefined : listingOf(folder);
  const [uncommitted, commits, operation, lockFile, submodules, nested, processes, stashed] =
    await Promise.all([
      uncommittedOf(folder, listing),
      commitsOf(endangered),
      gitFolder === undefined ? undefined : operationIn(gitFolder),
      gitFolder === undefined ? undefined : lockFileIn(gitFolder),
      submodulesOf(endangered),
      nestedOf(endangered, listing),
      processesOf(endangered),
      branch === undefined ? [] : stashedOn(common, branch),
    ]);
  const lock = locked === undefined ? undefined : lockHolder(locked);
  const found: (Risk | undefined)[] = [
    uncommitted === undefined ? undefined : changesRisk(uncommitted),
    operation && risk('operation', `a ${operation} is in progress, and how far it came would be lost`, []),
    lockFile === undefined
      ? undefined
      : risk('operation', 'a git command changes something in it, or was killed there', [lockFile]),
    movedTo === undefined
      ? undefined
      : risk(
          'moved',
          `its folder was moved to ${movedTo} without git, and would stay there without its branch`,
          [`git worktree repair ${quote(movedTo, 'posix')} tells git where it is, and keeps all`],
        ),
    ...commits.risks,
    ...submodules,
    ...nested,
    processes.risk,
    lock && !lock.ended
      ? risk(
          'locked',
          `it is locked: ${lock.text}${lock.pid === undefined ? '' : ` (process ${lock.pid} runs)`}`,
          [],
        )
      : undefined,
  ];
  return {
    risks: found.flatMap((one) => one ?? []),
    stashed,
    processes: processes.pids,
    ...(commits.integrated === undefined ? {} : { integrated: commits.integrated }),
    ...(uncommitted === undefined || 'problem' in uncommitted ? {} : { uncommitted }),
    ...(lock?.ended === true ? { endedLock: lock } : {}),
    ...(listing === undefined ? {} : { listing: await listing }),
  };
}

export function risk(kind: RiskKind, what: string, details: readonly string[]): Risk {
  return { kind, flag: riskFlags[kind], what, details };
}

/** Git cannot tell what is in it: an index that is damaged, say. */
interface Unreadable {
  readonly problem: string;
}

async function uncommittedOf(
  folder: string | undefined,
  listing: Promise<Listing> | undefined,
): Promise<Uncommitted | Unreadable | undefined> {
  if (folder === undefined) return undefined;
  try {
    return await uncommittedIn(folder, listing);
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

/** So many files are named. */
const namedFiles = 8;

function changesRisk(found: Uncommitted | Unreadable): Risk | undefined {
  if ('problem' in found)
    return risk('changes', `git cannot tell what is changed in it: ${found.problem}`, []);
  const { staged, modified, untracked, conflicted, files, submodules } = found;
  if (files.length === 0) return undefined;
  const counts = [
    [staged, 'staged'],
    [modified, 'modified'],
    [untracked, 'untracked'],
    [conflicted, 'conflicted'],
  ] as const;
  const parts = counts.flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`]));
  const inside =
    submodules.length === 0 ? '' : `, with changes inside ${counted(submodules.length, 'submodule')}`;
  return risk(
    'changes',
    `changes in ${counted(files.length, 'path')} that no commit has (${parts.join(', ')})${inside}`,
    named(files, namedFiles),
  );
}

function named(names: readonly string[], most: number): string[] {
  const rest = names.length - most;
  return rest <= 0 ? [...names] : [...names.slice(0, most), `and ${rest} more`];
}

interface CommitRisks {
  readonly risks: readonly Risk[];
  readonly integrated?: Integrated;
}

async function commitsOf(endangered: Endangered): Promise<CommitRisks> {
  const { common, branch, tip, head, keepBranch, together } = endangered;
  let targets: Promise<readonly IntegrationTarget[]> | undefined;
  const contained = async (sha: string) => {
    targets ??= integrationTargets(common, endangered.usual);
    // A target that goes away with the same command contains nothing.
    const left = (await targets).filter(({ ref }) => !together.some((one) => ref === `refs/heads/${one}`));
    return integrationOf({ folder: common, tip: sha, targets: left });
  };
  const risks: Risk[] = [];
  let integrated: Integrated | undefined;
  if (branch !== undefined && tip !== undefined && !keepBranch) {
    integrated = await contained(tip);
    if (integrated === undefined) {
      const loose = await commitsOnlyIn(common, {
        tip,
        branches: [...new Set([branch, ...together])],
        tagsKeep: false,
      });
      risks.push(...commitsRisk(loose, `on ${branch} alone: neither merged nor pushed`));
    }
  }
  if (head !== undefined && head !== tip && (await contained(head)) === undefined) {
    const branches = keepBranch ? together.filter((one) => one !== branch) : together;
    const loose = await commitsOnlyIn(common, { tip: head, branches, tagsKeep: true });
    risks.push(...commitsRisk(loose, 'on a detached HEAD alone: no branch, tag or remote has them'));
  }
  const left = await leftBehind(endangered, contained);
  risks.push(
    ...commitsRisk(left, 'in the reflog of its HEAD or in refs/worktree alone: they would go with them'),
  );
  return integrated === undefined ? { risks } : { risks, integrated };
}

async function leftBehind(
  { common, branch, tip, head, gitFolder, keepBranch, together }: Endangered,
  contained: (sha: string) => Promise<Integrated | undefined>,
): Promise<LooseCommits> {
  const tips = gitFolder === undefined ? [] : await tipsLeftBehind(gitFolder);
  const branches = keepBranch ? together.filter((one) => one !== branch) : together;
  const keeping = { counted: [tip, head].flatMap((sha) => sha ?? []), branches };
  const all = await commitsLeftBehind(common, tips, keeping);
  if (all.count === 0) return all;
  // Git may have collected one of them.
  const where = (one: string) => contained(one).catch(() => undefined);
  const loose = await Promise.all(tips.map(async (one) => ((await where(one)) === undefined ? [one] : [])));
  return commitsLeftBehind(common, loose.flat(), keeping);
}

function commitsRisk({ count, youngest }: LooseCommits, where: string): Risk[] {
  if (count === 0) return [];
  return [risk('commits', `${counted(count, 'commit')} ${where}`, commitNames({ count, youngest }))];
}

function commitNames({ count, youngest }: LooseCommits): string[] {
  const names = youngest.map(({ sha, subject }) => `${sha.slice(0, 8)} ${subject}`);
  return count > names.length ? [...names, `and ${count - names.length} more`] : names;
}

async function submodulesOf({ common, folder, gitFolder }: Endangered): Promise<Risk[]> {
  if (gitFolder === undefined) return [];
  const folders = { worktree: folder ?? gitFolder, gitFolder, commonFolder: common };
  if (!(await isThere(`${gitFolder}/modules`)) && !(await isThere(`${folders.worktree}/.gitmodules`)))
    return [];
  return (await submoduleCommits(folders)).map(({ name, ...loose }) =>
    risk(
      'submodule-commits',
      `${counted(loose.count, 'commit')} in the submodule ${name} that only this worktree has`,
      commitNames(loose),
    ),
  );
}

async function nestedOf(
  { common, folder }: Endangered,
  listing: Promise<Listing> | undefined,
): Promise<Risk[]> {
  if (folder === undefined || listing === undefined) return [];
  const found = await nestedRepositories(folder, common, await listing);
  return found.map((nested) =>
    risk(
      'repositories',
      `the repository ${nested.path} in its folder has ${heldBy(nested)}`,
      commitNames(nested.commits),
    ),
  );
}

function heldBy({ changed, commits, problem }: NestedRepository): string {
  if (problem !== undefined) return `what git cannot tell: ${problem}`;
  const parts = [
    ...(commits.count === 0 ? [] : [`${counted(commits.count, 'commit')} that none of its remotes has`]),
    ...(changed === 0 ? [] : [`changes in ${counted(changed, 'path')}`]),
  ];
  return parts.join(' and ');
}

async function processesOf({ folder }: Endangered): Promise<{ risk: Risk | undefined; pids: number[] }> {
  if (folder === undefined) return { risk: undefined, pids: [] };
  const found = (await processesIn([folder])).get(folder) ?? [];
  // The agent that deletes its own worktree is no risk, and a shell that waits for input loses nothing.
  const alive = found.filter(({ callsUs, command }) => callsUs !== true && !isHarmless(command));
  if (alive.length === 0) return { risk: undefined, pids: [] };
  const details = alive.map(({ pid, command, agent }) =>
    agent === undefined ? `${pid} ${command.slice(0, 80)}` : `${pid} ${agent} (an agent)`,
  );
  const agents = alive.flatMap(({ agent }) => agent ?? []);
  const who = agents.length === 0 ? '' : `, ${[...new Set(agents)].join(' and ')} among them`;
  const what = `${alive.length === 1 ? '1 process runs' : `${alive.length} processes run`} in it${who}`;
  return { risk: risk('processes', what, named(details, namedFiles)), pids: alive.map(({ pid }) => pid) };
}

/** A shell that waits for input (what it started is listed on its own), and what git does after a command by itself. */
function isHarmless(command: string): boolean {
  if (/^(\S*\/)?git (maintenance|gc|fsmonitor--daemon|repack|pack-objects|prune|pack-refs)\b/.test(command))
    return true;
  return /^-?(\S*\/)?(ba|z|fi|da|k|tc)?sh( -(i|l|il|li))*$/.test(command);
}
