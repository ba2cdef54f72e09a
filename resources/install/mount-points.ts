import { chown, lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CoppiceError, hasCode } from '../../core/errors.ts';
import { unlessAbsent } from '../../core/files.ts';
import type { InstallInputs } from './contract.ts';

/**
 * Creates the folders over which the volume is mounted, as the worktree's owner: the node would create missing ones as
 * root, in the live worktree. Their contents do not change. Throws COPPICE_INSTALL where something else has the name.
 */
export async function makeMountPoints({
  folder,
  install,
  uid,
  gid,
}: Pick<InstallInputs, 'folder' | 'install' | 'uid' | 'gid'>): Promise<void> {
  for (const covered of install.folders) {
    let path = folder;
    for (const part of covered.split('/')) {
      path = join(path, part);
      await makeFolder(path, uid, gid);
    }
  }
}

async function makeFolder(path: string, uid: number, gid: number): Promise<void> {
  const there = await unlessAbsent(lstat(path));
  if (there?.isDirectory()) return;
  if (there !== undefined) {
    const what = there.isSymbolicLink() ? 'a link' : 'no folder';
    throw new CoppiceError(
      'COPPICE_INSTALL',
      `${path} is ${what}, so the volume of install: cannot be mounted over it`,
      {
        hint: 'remove it, or name other folders: install: { command: ..., folders: [...] }',
      },
    );
  }
  await mkdir(path).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error;
  });
  if (process.getuid?.() === 0) await chown(path, uid, gid);
}
