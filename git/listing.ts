import { git } from './command.ts';

/** What the folder of a worktree has, by git's index and the disk: one git process. */
export interface Listing {
  /** Tracked paths from the top, as git has them. */
  readonly tracked: readonly string[];
  /** Those that git was told not to look at. */
  readonly hidden: readonly HiddenFile[];
  /** Folders with nothing tracked in them, ignored or not, without a slash at the end; the outermost of each. */
  readonly untracked: readonly string[];
}

/** A file that git was told not to look at. */
export interface HiddenFile {
  readonly path: string;
  /** Full sha of what is staged. */
  readonly sha: string;
}

/** Nothing where git does not answer. */
export async function listingOf(worktree: string): Promise<Listing> {
  const which = ['--cached', '--others', '--directory'];
  const { code, stdout } = await git(worktree, 'ls-files', '-v', '--stage', ...which, '-z');
  return parseListing(code === 0 ? stdout : '');
}

/**
 * A record is `H MODE SHA STAGE`, a tab and the path, and `? PATH` for what is not tracked. Of `-v` a small letter is
 * assumed unchanged, and `S` is skipped.
 *
 * @internal Exported for its test, which passes in what git prints.
 */
export function parseListing(records: string): Listing {
  const [tracked, hidden, untracked]: [string[], HiddenFile[], string[]] = [[], [], []];
  for (const record of records.split('\0')) {
    if (record.startsWith('? ')) {
      if (record.endsWith('/')) untracked.push(record.slice(2, -1));
      continue;
    }
    const path = record.slice(record.indexOf('\t') + 1);
    if (path !== '') tracked.push(path);
    const [, sha] = /^[a-zS] 100\d{3} ([0-9a-f]+) 0\t[^"\n][^\n]*$/.exec(record) ?? [];
    if (sha !== undefined) hidden.push({ path, sha });
  }
  return { tracked, hidden, untracked };
}
