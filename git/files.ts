import { git } from './command.ts';

/**
 * Files of one name in a worktree, relative to its top: tracked ones and new ones that are not ignored, none of another
 * repository or worktree inside it. Empty when git does not answer.
 */
export async function filesNamed(worktree: string, name: string): Promise<string[]> {
  const { code, stdout } = await git(
    worktree,
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
    '--deduplicate',
    '--',
    `:(top,glob)**/${name}`,
  );
  return code === 0 ? stdout.split('\0').filter((file) => file !== '') : [];
}

/** Files of some names that a worktree tracks, relative to its top. Empty when git does not answer. */
export async function trackedNamed(worktree: string, names: readonly string[]): Promise<string[]> {
  const patterns = names.map((name) => `:(top,glob)**/${name}`);
  const { code, stdout } = await git(worktree, 'ls-files', '-z', '--cached', '--', ...patterns);
  return code === 0 ? stdout.split('\0').filter((file) => file !== '') : [];
}
