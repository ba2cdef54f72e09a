import { CoppiceError, hasCode } from '../../../core/errors.ts';
import { pause } from '../../../core/pause.ts';
import { type GitResult, git, gitError, gitWith } from '../../../git/command.ts';
import { listWorktrees, type Worktree } from '../../../git/worktrees.ts';
import { isLocked } from './locked.ts';
import { unfinished } from './recover.ts';

/** A worktree that git is to make. */
export interface Wanted {
  readonly branch: string;
  /** Full sha that a new branch begins at; absent for one that exists. */
  readonly commit?: string;
  /** Absolute path; nothing is in it. */
  readonly path: string;
  /** Where git runs: a sparse checkout is inherited from there. */
  readonly from: string;
}

export interface Added {
  /** What a user should know: a git hook that failed, files of Git LFS that are pointers. */
  readonly notes: readonly string[];
}

/** Milliseconds that other git processes get to give their locks back. */
const LOCK_WAIT_MS = 30_000;
/** As many files at once as there are processors: nearly half the time of 2,000 files on two. */
const quick = ['-c', 'checkout.workers=0'];
/** Without git-lfs its files are what git keeps: pointers. */
const pointers = ['filter.lfs.smudge=', 'filter.lfs.process=', 'filter.lfs.required=false'].flatMap(
  (setting) => ['-c', setting],
);

/**
 * Makes a worktree, with a branch where that is new. Git takes back what it began when it fails or is interrupted, and
 * so does this with the branch. Throws COPPICE_FOLDER_TAKEN, COPPICE_INTERRUPTED, COPPICE_DISK_FULL, COPPICE_GIT.
 */
export async function addWorktree(wanted: Wanted, signal: AbortSignal): Promise<Added> {
  const began = performance.now();
  let settings = quick;
  let notes: string[] = [];
  for (let again = false; ; again = true) {
    const result = await tryAdding(wanted, { settings, again }, signal);
    if (result.code === 0) return { notes };
    const made = await found(wanted);
    if (made !== undefined && !unfinished(made)) return { notes: [...notes, ...hookNote(result)] };
    if (settings === quick && lacksLfs(result)) {
      settings = [...quick, ...pointers];
      notes = [
        'git-lfs is not on PATH, so files of Git LFS are pointers: install it, then `git lfs pull` there',
      ];
    } else if (!isLocked(result) || performance.now() - began > LOCK_WAIT_MS) {
      await takeBack(wanted);
      throw addError(wanted, result);
    } else {
      await pause(20 + Math.random() * 200, signal);
    }
  }
}

async function tryAdding(
  wanted: Wanted,
  { settings, again }: { readonly settings: readonly string[]; readonly again: boolean },
  signal: AbortSignal,
): Promise<GitResult> {
  const { branch, commit, path, from } = wanted;
  // An attempt that failed may have made the branch.
  const isNew = commit !== undefined && !(again && (await tipOf(from, branch)) === commit);
  const what = isNew ? ['--no-track', '-b', branch, path, commit] : [path, branch];
  try {
    return await gitWith(from, { signal }, ...settings, 'worktree', 'add', ...what);
  } catch (error) {
    if (!hasCode(error, 'COPPICE_INTERRUPTED')) throw error;
    const made = await found(wanted);
    if (made === undefined) await takeBack(wanted);
    throw error;
  }
}

async function tipOf(folder: string, branch: string): Promise<string> {
  return (await git(folder, 'rev-parse', '--verify', '--quiet', `refs/heads/${branch}`)).stdout.trim();
}

async function found({ from, path, branch }: Wanted): Promise<Worktree | undefined> {
  const all = await listWorktrees(from);
  return all.find((worktree) => worktree.path === path && worktree.branch === branch);
}

/** The branch goes too, unless somebody has moved it. */
async function takeBack({ from, branch, commit }: Wanted): Promise<void> {
  if (commit !== undefined) await git(from, 'update-ref', '-d', `refs/heads/${branch}`, commit);
}

function hookNote({ code, stderr }: GitResult): string[] {
  const last = stderr.trim().split('\n').at(-1);
  return [`git made the worktree, and its post-checkout hook ended with exit code ${code}: ${last}`];
}

function lacksLfs({ stderr }: GitResult): boolean {
  return /git-lfs.*not (?:found|a git command)|git: 'lfs' is not|smudge filter lfs failed/.test(stderr);
}

function addError({ path, branch, from }: Wanted, result: GitResult): CoppiceError {
  const { stderr } = result;
  if (/No space left on device|Disk quota exceeded/.test(stderr)) {
    return new CoppiceError('COPPICE_DISK_FULL', `${path} was not created: no space is left there`, {
      hint: `free some space on that disk (df -h; df -i for files), then: wt create ${branch}`,
    });
  }
  if (/' already exists/.test(stderr)) return takenError(path);
  const refused = /could not create (?:leading directories|work tree dir|directory) .*?: (.*)/.exec(
    stderr,
  )?.[1];
  if (refused !== undefined) {
    return new CoppiceError('COPPICE_CANNOT_WRITE', `${path} cannot be created: ${refused}`, {
      hint: 'choose another place: --path FOLDER',
    });
  }
  const filter = /(?:smudge|external) filter '?([^'\n]*?)'? failed/.exec(stderr)?.[1];
  if (filter !== undefined) {
    return new CoppiceError('COPPICE_GIT', `${path} was not created: git's filter ${filter} failed`, {
      hint: `see what it says: git -C ${from} worktree add --detach ${path}`,
    });
  }
  return gitError(from, result);
}

export function takenError(path: string): CoppiceError {
  return new CoppiceError(
    'COPPICE_FOLDER_TAKEN',
    `${path} is there already, and is not a worktree of this branch`,
    {
      hint: 'move it away, or choose another place: --path FOLDER',
    },
  );
}

export function gitFolderError(path: string, { repository }: { readonly repository: string }): CoppiceError {
  return new CoppiceError('COPPICE_USAGE', `${path} is in ${repository}, which is git's own`, {
    hint: 'choose another place: --path FOLDER',
  });
}
