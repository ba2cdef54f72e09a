import { git } from './command.ts';

/** Whether a repository, by its common directory, has a commit (full sha). Nothing is fetched. */
export async function hasCommit(repository: string, commit: string): Promise<boolean> {
  const { code } = await git(repository, 'cat-file', '-e', `${commit}^{commit}`);
  return code === 0;
}
