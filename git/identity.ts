import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Identity } from '../core/identity.ts';
import { type GitResult, git, gitError } from './command.ts';

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
  const branch = branchOf(head.reference) ?? (await interruptedBranch(gitFolder)) ?? basename(worktree);
  return { repository, worktree, branch, commit: head.commit, uid, gid };
}

/** Even a repository without commits has a branch. Any other failure of git is reported. */
async function unbornHead(folder: string, failed: GitResult): Promise<{ commit: string; reference: string }> {
  const symbolic = await git(folder, 'symbolic-ref', '-q', 'HEAD');
  const reference = symbolic.stdout.trim();
  if (symbolic.code !== 0 || !failed.stderr.includes("ambiguous argument 'HEAD'"))
    throw gitError(folder, failed);
  return { commit: 'unborn', reference };
}

/** The branch to which a rebase or a bisect will return. */
async function interruptedBranch(gitFolder: string): Promise<string | undefined> {
  for (const file of ['rebase-merge/head-name', 'rebase-apply/head-name']) {
    const branch = branchOf(await read(join(gitFolder, file)));
    if (branch !== undefined) return branch;
  }
  const start = await read(join(gitFolder, 'BISECT_START'));
  // A bisect that started on a detached HEAD names a commit.
  return start === undefined || /^[0-9a-f]{40,64}$/.test(start) ? undefined : start;
}

function branchOf(reference: string | undefined): string | undefined {
  return reference?.startsWith('refs/heads/') ? reference.slice('refs/heads/'.length) : undefined;
}

async function read(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    return undefined;
  }
}
