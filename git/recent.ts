import { git } from './command.ts';

/** The last commits of a revision, the latest first: abbreviated sha, age and subject. Empty before the first. */
export async function lastCommits(folder: string, revision: string, count: number): Promise<string[]> {
  const { code, stdout } = await git(
    folder,
    'log',
    `--max-count=${count}`,
    '--no-show-signature',
    '--format=%h %cr  %s',
    revision,
    '--',
  );
  return code === 0 ? stdout.split('\n').filter((line) => line !== '') : [];
}

/** The lines of `git status --short`; empty where it fails. */
export async function changedFiles(worktree: string): Promise<string[]> {
  const { code, stdout } = await git(worktree, 'status', '--short');
  return code === 0 ? stdout.split('\n').filter((line) => line !== '') : [];
}
