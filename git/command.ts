import { CoppiceError, hasCode } from '../core/errors.ts';
import { outcomeOf, type RunOptions } from '../core/run.ts';
import { until } from '../core/until.ts';

export interface GitResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A git hook runs with these set, and they would override the folder that we ask about (`git rev-parse
 * --local-env-vars`).
 */
const localVariables = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_PREFIX',
  'GIT_NAMESPACE',
];

/** The variables without those that point git to another repository than that of its folder. */
export function withoutGitVariables(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const env = { ...variables };
  for (const variable of localVariables) delete env[variable];
  return env;
}

/** The whole environment of a git that we run. */
export function gitEnvironment(): NodeJS.ProcessEnv {
  // Messages are recognized by their text, so they must not be translated.
  const words = { LC_ALL: 'C', LANGUAGE: 'C', GIT_OPTIONAL_LOCKS: '0' };
  return { ...withoutGitVariables(process.env), ...words };
}

/** Runs git in a folder; its exit code is part of the answer. Throws COPPICE_NO_GIT, COPPICE_NO_FOLDER. */
export function git(folder: string, ...args: string[]): Promise<GitResult> {
  return gitWith(folder, {}, ...args);
}

/** `env` is added to the environment. After `timeout` milliseconds git is ended, and its code is -1. */
export type GitOptions = Pick<RunOptions, 'input' | 'env' | 'signal' | 'timeout'>;

/** {@link git} with an input, variables of its own or limits. Throws COPPICE_INTERRUPTED too. */
export async function gitWith(
  folder: string,
  { env: added, ...options }: GitOptions,
  ...args: string[]
): Promise<GitResult> {
  const env = { ...gitEnvironment(), ...added };
  // `worktree add` leaves something behind: its caller decides whether it is repeated.
  const mayRepeat = !args.includes('add');
  const { failure, ...result } = await until(
    () => outcomeOf('git', ['-C', folder, ...args], { ...options, env }),
    { every: 20, within: REGISTERED_MS, done: ({ stderr }) => !mayRepeat || !isHalfRegistered(stderr) },
  );
  if (failure) throw hasCode(failure, 'ENOENT') ? noGitError() : failure;
  if (brokeOff(result)) for (const report of watchers) report(`git ${args[0]}: ${reasonOf(result)}`);
  return result;
}

/** Milliseconds after which a registration that is still half there counts as damaged. */
const REGISTERED_MS = 3000;

/**
 * Whether git broke off at a worktree that another git is registering at this moment: its file `commondir` is not
 * written yet (findings/git-worktree-half-registered.sh).
 */
export function isHalfRegistered(stderr: string): boolean {
  return /^fatal: failed to read .*worktrees\/.*\/commondir: /m.test(stderr);
}

const watchers = new Set<(text: string) => void>();

/**
 * What git broke off at while `work` ran, one line each. Much of what is asked may fail, and is then answered by `no`:
 * whoever deletes things by such answers wants to know. Of everything that this process runs in that time.
 */
export async function watchingGit<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly failures: readonly string[] }> {
  const failures: string[] = [];
  const report = (text: string) => void failures.push(text);
  watchers.add(report);
  try {
    return { value: await work(), failures };
  } finally {
    watchers.delete(report);
  }
}

/** Git answers `no` with 1 and without a word; a fatal error is 128, a signal ends it without a code. */
function brokeOff({ code, stderr }: GitResult): boolean {
  return code !== 0 && (code !== 1 || /^(fatal|error):/m.test(stderr));
}

function reasonOf({ code, stderr }: GitResult): string {
  return stderr.trim().split('\n')[0] || (code < 0 ? 'it was ended' : `it ended with ${code}`);
}

function noGitError(): CoppiceError {
  return new CoppiceError('COPPICE_NO_GIT', 'git is not on PATH', { hint: 'install git 2.36 or newer' });
}

/** For a linked worktree after its repository was moved or renamed; `git init` there would make a second one. */
export const repairHint = 'if the repository was moved, run `git worktree repair` in its new folder';

function isLostWorktree(stderr: string): boolean {
  return /not a git repository: .*[\\/]worktrees[\\/]/.test(stderr);
}

/** Translates a failed git command into one of our errors. */
export function gitError(folder: string, { stderr }: GitResult): CoppiceError {
  const message =
    stderr
      .trim()
      .split('\n')
      .find((line) => /^(fatal|error):/.test(line)) ?? stderr.trim();
  const owned = /detected dubious ownership in repository at '(.*)'/.exec(stderr)?.[1];
  if (owned !== undefined) {
    return new CoppiceError(
      'COPPICE_GIT_OWNER',
      `${owned} belongs to another user, so git does not trust it`,
      {
        hint: `run as its owner (without sudo), or, if you trust it: git config --global --add safe.directory '${owned}'`,
      },
    );
  }
  if (isLostWorktree(stderr)) {
    return new CoppiceError(
      'COPPICE_NOT_A_REPOSITORY',
      `${folder} is a worktree whose repository is not where it was: ${message}`,
      { hint: repairHint },
    );
  }
  if (stderr.includes('not a git repository')) {
    return new CoppiceError('COPPICE_NOT_A_REPOSITORY', `${folder} is not in a git repository`, {
      hint: 'go to a worktree, or run `git init`',
    });
  }
  if (stderr.includes('must be run in a work tree')) {
    return new CoppiceError('COPPICE_NO_WORKTREE', `${folder} is in a git repository but not in a worktree`, {
      hint: 'go to a worktree (`wt list`), or make one with `wt create`',
    });
  }
  if (stderr.includes('cannot change to')) {
    return new CoppiceError('COPPICE_NO_FOLDER', `there is no folder ${folder}`);
  }
  return new CoppiceError('COPPICE_GIT', `git failed in ${folder}: ${message}`, {
    hint: 'run `git status` there',
  });
}
