import { chown, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { readIfPresent } from '../core/files.ts';

/**
 * Makes sure that git ignores a pattern in all worktrees of a repository, without a change to what is committed: a line
 * in `info/exclude` of the common directory. Other lines stay as they are. Returns whether it had to be added.
 */
export async function excludeFromGit(commonFolder: string, pattern: string): Promise<boolean> {
  const file = join(commonFolder, 'info', 'exclude');
  const before = (await readIfPresent(file)) ?? '';
  if (before.split(/\r?\n/).includes(pattern)) return false;
  const made = await mkdir(dirname(file), { recursive: true });
  const separator = before === '' || before.endsWith('\n') ? '' : '\n';
  const owner = await stat(commonFolder);
  // Two worktrees may do this at once: each writes the same whole file and renames it into place.
  await writeFileAtomic(file, `${before}${separator}${pattern}\n`, {
    chown: { uid: owner.uid, gid: owner.gid },
  });
  // With sudo the folder would be root's, and its user could not add a line any more.
  if (made !== undefined) await chown(dirname(file), owner.uid, owner.gid);
  return true;
}
