import { git } from './command.ts';

/** Whether a repository, by its common directory, has a commit (full sha). Nothing is fetched. */
export async function hasCommit(repository: string, commit: string): Promise<boolean> {
  const { code } = await git(repository, 'cat-file', '-e', `${commit}^{commit}`);
  return code === 0;
}

/** Whether a clone was cut off at some depth: then that a commit is missing says nothing. */
export async function isShallow(worktree: string): Promise<boolean> {
  const { stdout } = await git(worktree, 'rev-parse', '--is-shallow-repository');
  return stdout.trim() === 'true';
}

/** The oldest commit without parents (full sha); undefined before the first commit, and in a shallow clone. */
export async function firstCommit(worktree: string): Promise<string | undefined> {
  if (await isShallow(worktree)) return undefined;
  const { code, stdout } = await git(worktree, 'rev-list', '--max-parents=0', 'HEAD');
  return code === 0 ? stdout.trim().split('\n').at(-1) : undefined;
}
