import { join } from 'node:path';
import { readIfPresent } from '../core/files.ts';
import { git, gitError } from './command.ts';

/** A commit for people. */
export interface CommitLine {
  /** Full sha. */
  readonly sha: string;
  readonly subject: string;
}

/** Commits that nothing else contains: how many, and the youngest of them. */
export interface LooseCommits {
  readonly count: number;
  readonly youngest: readonly CommitLine[];
}

/** So many are named. */
const namedCommits = 5;

/** Commits up to a tip, and what goes away with it. */
export interface Departing {
  /** Full sha. */
  readonly tip: string;
  /** The branches that are deleted with it, its own among them: what only these contain is lost. */
  readonly branches: readonly string[];
  /** Whether a tag counts as a place where the commits stay: for a detached HEAD, which often is on one. */
  readonly tagsKeep: boolean;
}

/**
 * The commits up to a tip that no remote-tracking reference and no other local branch contains. Whether they are
 * integrated is a question of its own (`integrationOf`). Throws what `gitError` translates.
 */
export async function commitsOnlyIn(
  folder: string,
  { tip, branches, tagsKeep }: Departing,
): Promise<LooseCommits> {
  // No name of a branch has a character of a pattern (git-check-ref-format).
  const excluded = branches.map((branch) => `--exclude=${branch}`);
  const tags = tagsKeep ? ['--tags'] : [];
  const result = await git(
    folder,
    'log',
    '--no-show-signature',
    '--format=%H%x00%s',
    tip,
    '--not',
    ...excluded,
    '--branches',
    '--remotes',
    ...tags,
  );
  if (result.code !== 0) throw gitError(folder, result);
  return looseCommits(result.stdout);
}

/** Parses lines of sha, NUL and subject, the youngest first. */
export function looseCommits(lines: string): LooseCommits {
  const commits = lines.split('\n').filter((line) => line !== '');
  const youngest = commits.slice(0, namedCommits).map((line) => {
    const [sha = '', subject = ''] = line.split('\0');
    return { sha, subject };
  });
  return { count: commits.length, youngest };
}

/**
 * The entries of the stash that were made on a branch, by their messages. The stash belongs to the repository and stays.
 * None where references are not files.
 */
export async function stashedOn(commonFolder: string, branch: string): Promise<string[]> {
  const log = (await readIfPresent(join(commonFolder, 'logs', 'refs', 'stash'))) ?? '';
  return log.split('\n').flatMap((line) => {
    const message = line.split('\t')[1] ?? '';
    return message.startsWith(`WIP on ${branch}: `) || message.startsWith(`On ${branch}: `) ? [message] : [];
  });
}

/** Full shas of all entries of the stash of a repository, by its git folder: the reference names only the newest. */
export async function stashEntries(gitFolder: string): Promise<string[]> {
  const [log, newest] = await Promise.all([
    readIfPresent(join(gitFolder, 'logs', 'refs', 'stash')),
    readIfPresent(join(gitFolder, 'refs', 'stash')),
  ]);
  const entries = (log ?? '').split('\n').flatMap((line) => line.split(' ')[1] ?? []);
  return [...new Set([...entries, ...(newest === undefined ? [] : [newest.trim()])])];
}
