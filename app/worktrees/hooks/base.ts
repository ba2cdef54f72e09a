import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeJson } from '../../../core/files.ts';
import { readCache } from '../../../core/state/state-file.ts';
import { registrations } from '../../../git/registration.ts';
import { gitFolderOf } from '../../../git/worktree-file.ts';
import type { HookContext } from './context.ts';

const fileIn = (gitFolder: string) => join(gitFolder, 'coppice', 'created.json');

/** Keeps what a worktree's branch was created from for its later hooks: git does not. */
export async function rememberBase(worktree: string, base: string): Promise<void> {
  const gitFolder = await gitFolderOf(worktree);
  if (gitFolder === undefined) return;
  await mkdir(dirname(fileIn(gitFolder)), { recursive: true });
  await writeJson(fileIn(gitFolder), { base });
}

/** Undefined for a branch that was there before its worktree. A folder that is gone leaves what git keeps for it. */
export async function rememberedBase({
  worktree,
  repository,
}: Pick<HookContext, 'worktree' | 'repository'>): Promise<string | undefined> {
  const known = async () =>
    (await registrations(repository)).find(({ path }) => path === worktree)?.gitFolder;
  const gitFolder = (await gitFolderOf(worktree)) ?? (await known());
  if (gitFolder === undefined) return undefined;
  return (await readCache<{ readonly base: string }>(fileIn(gitFolder), { base: 'string' }))?.base;
}
