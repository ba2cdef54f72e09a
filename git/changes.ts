import { git, gitError } from './command.ts';

/** What a worktree has that no commit has; counts of files. */
export interface Changes {
  /** In the index, and not in HEAD. */
  readonly staged: number;
  /** In the working tree, and not in the index. */
  readonly modified: number;
  /** New and not ignored. */
  readonly untracked: number;
  /** Not merged yet. */
  readonly conflicted: number;
}

/** The arguments of git whose output {@link parseChanges} reads. */
export const statusArguments = ['status', '--porcelain=v2', '-z', '--untracked-files=normal'];

/** Throws what `gitError` translates. */
export async function changesIn(worktree: string): Promise<Changes> {
  const result = await git(worktree, ...statusArguments);
  if (result.code !== 0) throw gitError(worktree, result);
  return parseChanges(result.stdout);
}

/**
 * Parses `git status --porcelain=v2 -z`: an entry that was renamed has its earlier path in a record of its own.
 */
export function parseChanges(porcelain: string): Changes {
  const found = { staged: 0, modified: 0, untracked: 0, conflicted: 0 };
  const records = porcelain.split('\0');
  for (let at = 0; at < records.length; at += 1) {
    const [kind, state = '..'] = (records[at] ?? '').split(' ', 2);
    if (kind === '?') found.untracked += 1;
    if (kind === 'u') found.conflicted += 1;
    if (kind !== '1' && kind !== '2') continue;
    if (state[0] !== '.') found.staged += 1;
    if (state[1] !== '.') found.modified += 1;
    if (kind === '2') at += 1;
  }
  return found;
}

/** Words before the path in a record, by its kind. */
const wordsBefore: Readonly<Record<string, number>> = { '1': 8, '2': 9, u: 10, '?': 1 };

/** The paths that differ, relative to the worktree's top, from the same output; a new folder is one path. */
export function changedPaths(porcelain: string): string[] {
  const records = porcelain.split('\0');
  const paths: string[] = [];
  for (let at = 0; at < records.length; at += 1) {
    const words = (records[at] ?? '').split(' ');
    const before = wordsBefore[words[0] ?? ''];
    if (before === undefined) continue;
    paths.push(words.slice(before).join(' '));
    if (words[0] === '2') at += 1;
  }
  return paths;
}
