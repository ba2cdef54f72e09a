import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Changes, parseChanges } from './changes.ts';
import { git, gitError, gitWith } from './command.ts';
import { type HiddenFile, type Listing, listingOf } from './listing.ts';

/** What a worktree has that no commit has, in enough detail to say what would be lost. */
export interface Uncommitted extends Changes {
  /** Paths from the top, as git lists them: a folder ends with a slash when everything in it is new. */
  readonly files: readonly string[];
  /** Submodules with changes of their own that are not committed there. */
  readonly submodules: readonly string[];
  /** Full shas of what is staged: until it is committed nothing but the index refers to it. */
  readonly staging: readonly string[];
}

/**
 * Two git processes at once; one where the caller has asked for the listing. Changes in submodules count, whatever `ignore` says of them, and so do those that
 * `git update-index --assume-unchanged` or `--skip-worktree` hides. Throws what `gitError` translates.
 */
export async function uncommittedIn(
  worktree: string,
  listing: Promise<Listing> = listingOf(worktree),
): Promise<Uncommitted> {
  const [result, hidden] = await Promise.all([
    git(worktree, 'status', '--porcelain=v2', '-z', '--untracked-files=normal', '--ignore-submodules=none'),
    hiddenChanges(worktree, listing),
  ]);
  if (result.code !== 0) throw gitError(worktree, result);
  const found = parseUncommitted(result.stdout);
  const more = hidden.filter((path) => !found.files.includes(path));
  return { ...found, modified: found.modified + more.length, files: [...found.files, ...more] };
}

/** Of a sparse checkout only what is on disk all the same is compared. */
async function hiddenChanges(worktree: string, listing: Promise<Listing>): Promise<string[]> {
  const present = await Promise.all((await listing).hidden.map((file) => onDisk(worktree, file)));
  const files = present.flatMap((file) => file ?? []);
  if (files.length === 0) return [];
  const input = `${files.map(({ path }) => path).join('\n')}\n`;
  const hashed = await gitWith(worktree, { input }, 'hash-object', '--stdin-paths');
  if (hashed.code !== 0) throw gitError(worktree, hashed);
  const now = hashed.stdout.split('\n');
  return files.flatMap(({ path, sha }, at) => (now[at] === sha ? [] : [path]));
}

async function onDisk(worktree: string, file: HiddenFile): Promise<HiddenFile | undefined> {
  const found = await lstat(join(worktree, file.path)).catch(() => undefined);
  return found?.isFile() === true ? file : undefined;
}

/** Where the path begins in each kind of record: https://git-scm.com/docs/git-status#_porcelain_format_version_2 */
const fieldsBefore: Readonly<Record<string, number>> = { '1': 8, '2': 9, u: 10, '?': 1 };

function parseUncommitted(porcelain: string): Uncommitted {
  const [files, submodules, staging]: [string[], string[], string[]] = [[], [], []];
  const records = porcelain.split('\0');
  for (let at = 0; at < records.length; at += 1) {
    const fields = (records[at] ?? '').split(' ');
    const [kind = '', state = '', module = ''] = fields;
    const before = fieldsBefore[kind];
    if (before === undefined) continue;
    const path = fields.slice(before).join(' ');
    files.push(path);
    if (/^S.(M.|.U)$/.test(module)) submodules.push(path);
    // The third state of a conflict is of the other side, and in a commit like the second.
    if (kind === 'u') staging.push(...fields.slice(7, 10));
    else if (kind !== '?' && state[0] !== '.' && !module.startsWith('S')) staging.push(fields[7] ?? '');
    if (kind === '2') at += 1;
  }
  const blobs = staging.filter((sha) => /[1-9a-f]/.test(sha));
  return { ...parseChanges(porcelain), files, submodules, staging: [...new Set(blobs)] };
}
