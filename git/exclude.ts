import { chown, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readIfPresent, unlessAbsent, writeAtomic } from '../core/files.ts';

/**
 * Makes git ignore a pattern in all worktrees of a repository without changing what is committed: adds a line to
 * `info/exclude` of the common directory. Other lines are kept. Returns whether it had to be added.
 */
export async function excludeFromGit(commonFolder: string, pattern: string): Promise<boolean> {
  const file = join(commonFolder, 'info', 'exclude');
  const before = (await readIfPresent(file)) ?? '';
  if (before.split(/\r?\n/).includes(pattern)) return false;
  const created = await mkdir(dirname(file), { recursive: true });
  const separator = before === '' || before.endsWith('\n') ? '' : '\n';
  const owner = await stat(commonFolder);
  // Two worktrees may do this at once: each writes the same complete file and renames it into place.
  const mode = (await unlessAbsent(stat(file)))?.mode ?? 0o644;
  await writeAtomic(file, `${before}${separator}${pattern}\n`, mode & 0o777, owner);
  // With sudo the folder would be root's, and its user could not add a line later.
  if (created !== undefined) await chown(dirname(file), owner.uid, owner.gid);
  return true;
}
