import { git, gitError, gitWith } from './command.ts';

/** Arguments of one git process, far below what a system allows. */
const MOST_PATHS = 400;

/**
 * What git ignores in a worktree, relative to its top; a folder (with a slash at its end) stands for all that is in it.
 * One git process, which looks into no ignored folder. Throws what `gitError` translates.
 */
export async function ignoredEntries(worktree: string): Promise<string[]> {
  return innermost(await listed(worktree, ['--others', '--ignored', '--exclude-standard', '--directory']));
}

/** Git also names a folder that no pattern ignores, when all that is in it is ignored; it names that too. */
function innermost(entries: readonly string[]): string[] {
  const folders = new Set(entries.filter((entry) => entry.endsWith('/')));
  for (const entry of entries) {
    for (let at = entry.lastIndexOf('/', entry.length - 2); at > 0; at = entry.lastIndexOf('/', at - 1)) {
      folders.delete(entry.slice(0, at + 1));
    }
  }
  return entries.filter((entry) => !entry.endsWith('/') || folders.has(entry));
}

/** Patterns in the syntax of .gitignore. */
export interface Patterns {
  /** Absolute path of a file of patterns. */
  readonly file?: string;
  /** More of them, which win over those of the file. */
  readonly more: readonly string[];
}

/**
 * What of some entries the patterns name, as `ignoredEntries` writes it. An answer may be a folder above an entry, when
 * the patterns name that folder.
 */
export async function matchingEntries(
  worktree: string,
  { file, more }: Patterns,
  within: readonly string[],
): Promise<string[]> {
  if (within.length === 0) return [];
  const patterns = [
    ...(file === undefined ? [] : [`--exclude-from=${file}`]),
    ...more.map((pattern) => `--exclude=${pattern}`),
  ];
  // Only to look into fewer folders: the caller compares the answer with the entries.
  const paths = within.length > MOST_PATHS ? [] : ['--', ...within];
  return innermost(await listed(worktree, ['--others', '--ignored', '--directory', ...patterns, ...paths]));
}

/** Which of some entries a worktree ignores and tracks nothing of; they need not be there. */
export async function ignoredAmong(worktree: string, entries: readonly string[]): Promise<Set<string>> {
  if (entries.length === 0) return new Set();
  const input = entries.map((entry) => `${entry}\0`).join('');
  const { code, stdout } = await gitWith(worktree, { input }, 'check-ignore', '-z', '--stdin');
  // 1: none of them.
  if (code === 0 || code === 1) return new Set(separated(stdout));
  // One that git cannot be asked about, in a submodule or behind a link, hides the others.
  if (entries.length === 1) return new Set();
  const half = Math.ceil(entries.length / 2);
  const [first, second] = [entries.slice(0, half), entries.slice(half)];
  return new Set([...(await ignoredAmong(worktree, first)), ...(await ignoredAmong(worktree, second))]);
}

async function listed(worktree: string, args: readonly string[]): Promise<string[]> {
  const result = await git(worktree, '--literal-pathspecs', 'ls-files', '-z', ...args);
  if (result.code !== 0) throw gitError(worktree, result);
  return separated(result.stdout);
}

function separated(text: string): string[] {
  return text.split('\0').filter((path) => path !== '');
}
