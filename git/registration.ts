import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { readIfPresent } from '../core/files.ts';
import { interruptedBranch } from './head.ts';

/** What git keeps about a linked worktree in its repository. */
export interface Registration {
  /** Git's own name for it: that of its folder in `worktrees`. */
  readonly id: string;
  /** Absolute path of that folder. */
  readonly gitFolder: string;
  /** Absolute path of the worktree that it names. */
  readonly path: string;
}

/** The linked worktrees of a repository, by its common folder. No process. */
export async function registrations(commonFolder: string): Promise<Registration[]> {
  const folder = join(commonFolder, 'worktrees');
  const ids = await readdir(folder).catch(() => []);
  const found = await Promise.all(ids.map((id) => registrationIn(join(folder, id))));
  return found.flatMap((one) => one ?? []);
}

async function registrationIn(gitFolder: string): Promise<Registration | undefined> {
  const text = await readFile(join(gitFolder, 'gitdir'), 'utf8').catch(() => undefined);
  // Git 2.48 can write it relative to that folder.
  return text === undefined
    ? undefined
    : { id: basename(gitFolder), gitFolder, path: dirname(resolve(gitFolder, text.trimEnd())) };
}

/** The git folder that the `.git` file of a linked worktree names; undefined where there is no such file. */
export async function namedGitFolder(worktree: string): Promise<string | undefined> {
  const text = await readIfPresent(join(worktree, '.git')).catch(() => undefined);
  const target = /^gitdir: (.+)$/m.exec(text ?? '')?.[1];
  return target === undefined ? undefined : resolve(worktree, target);
}

/** Whether a worktree is on a branch now, the main one or a linked one. No process. */
export async function isCheckedOut(commonFolder: string, branch: string): Promise<boolean> {
  const folders = [commonFolder, ...(await registrations(commonFolder)).map(({ gitFolder }) => gitFolder)];
  const heads = await Promise.all(
    folders.map(async (folder) => [
      await readIfPresent(join(folder, 'HEAD')).catch(() => undefined),
      await interruptedBranch(folder),
    ]),
  );
  return heads.some(
    ([head, interrupted]) => head?.trim() === `ref: refs/heads/${branch}` || interrupted === branch,
  );
}
