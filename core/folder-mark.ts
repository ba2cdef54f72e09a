import { stat } from 'node:fs/promises';
import { unlessAbsent } from './files.ts';

/**
 * Tells a folder from another that was made at its path later: its inode, and its time of birth, as file systems give
 * freed inodes out again. Without the device, whose number may change with every mount. Undefined where there is none.
 */
export async function folderMark(path: string): Promise<string | undefined> {
  const found = await unlessAbsent(stat(path));
  return found && `${found.ino} ${Math.floor(found.birthtimeMs)}`;
}
