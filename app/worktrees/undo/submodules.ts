import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isThere } from '../../../core/files.ts';
import { git } from '../../../git/command.ts';
import { submodulePaths } from '../../../git/submodules.ts';

/**
 * Tells the submodules of a worktree and their repositories where the other one is now: git writes both as paths relative
 * to each other.
 */
export async function movedSubmodules(worktree: string, gitFolder: string): Promise<void> {
  for (const path of await submodulePaths(worktree)) {
    const [top, repository] = [join(worktree, path), join(gitFolder, 'modules', path)];
    if (!(await isThere(join(top, '.git'))) || !(await isThere(join(repository, 'HEAD')))) continue;
    await writeFile(join(top, '.git'), `gitdir: ${repository}\n`);
    // From outside, as git would enter the working tree that it still names.
    await git(gitFolder, 'config', '--file', join(repository, 'config'), 'core.worktree', top);
    await movedSubmodules(top, repository);
  }
}
