import { stat } from 'node:fs/promises';
import type { Identity } from '../core/identity.ts';
import { type GitResult, git, gitError } from './command.ts';
import { branchOf, detachedName, interruptedBranch } from './head.ts';

/**
 * Which worktree, branch and commit a folder belongs to: one git process. During a rebase or bisect HEAD is detached,
 * yet the worktree is still the branch's: its environment must not change. Throws COPPICE_NO_GIT, COPPICE_NO_FOLDER,
 * COPPICE_NOT_A_REPOSITORY, COPPICE_NO_WORKTREE, COPPICE_GIT_OWNER, COPPICE_GIT.
 */
export async function identify(folder: string): Promise<Identity> {
  const result = await git(
    folder,
    'rev-parse',
    '--path-format=absolute',
    '--show-toplevel',
    '--git-common-dir',
    '--absolute-git-dir',
    'HEAD',
    '--symbolic-full-name',
    'HEAD',
  );
  const [worktree, repository, gitFolder, commit, reference] = result.stdout.split('\n');
  if (!worktree || !repository || !gitFolder || !commit) throw gitError(folder, result);
  const { uid, gid } = await stat(worktree);
  const head = result.code === 0 ? { commit, reference } : await unbornHead(folder, result);
  const known = branchOf(head.reference) ?? (await interruptedBranch(gitFolder));
  const named =
    known === undefined
      ? { branch: detachedName({ worktree, gitFolder }), detached: true }
      : { branch: known };
  return { repository, worktree, ...named, commit: head.commit, uid, gid };
}

/** Even a repository without commits has a branch. Any other failure of git is reported. */
async function unbornHead(folder: string, failed: GitResult): Promise<{ commit: string; reference: string }> {
  const symbolic = await git(folder, 'symbolic-ref', '-q', 'HEAD');
  const reference = symbolic.stdout.trim();
  if (symbolic.code !== 0 || !failed.stderr.includes("ambiguous argument 'HEAD'"))
    throw gitError(folder, failed);
  return { commit: 'unborn', reference };
}
