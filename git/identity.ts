import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { CoppiceError } from '../core/errors.ts';
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
  const lines = result.stdout.split('\n');
  const [worktree, repository, gitFolder, commit, reference] = lines;
  if (!worktree || !repository || !gitFolder || !commit) throw gitError(folder, result);
  if (lines.length > answers + 1 || !isAbsolute(repository) || !isAbsolute(gitFolder)) throw lineBreakError();
  const { uid, gid } = await stat(worktree);
  const head = result.code === 0 ? { commit, reference } : await unbornHead(folder, result);
  const known = branchOf(head.reference) ?? (await interruptedBranch(gitFolder));
  const named =
    known === undefined
      ? { branch: detachedName({ worktree, gitFolder }), detached: true }
      : { branch: known };
  return { repository, worktree, ...named, commit: head.commit, uid, gid };
}

/** How many lines git prints: one an argument, and nothing after the last. */
const answers = 5;

function lineBreakError(): CoppiceError {
  return new CoppiceError(
    'COPPICE_GIT',
    'the path of this worktree or its repository has a line break in it',
    {
      hint: 'rename that folder; any other character will do',
    },
  );
}

/** Even a repository without commits has a branch. Any other failure of git is reported. */
async function unbornHead(folder: string, failed: GitResult): Promise<{ commit: string; reference: string }> {
  const symbolic = await git(folder, 'symbolic-ref', '-q', 'HEAD');
  const reference = symbolic.stdout.trim();
  if (symbolic.code !== 0 || !failed.stderr.includes("ambiguous argument 'HEAD'"))
    throw gitError(folder, failed);
  return { commit: 'unborn', reference };
}
