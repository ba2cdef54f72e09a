import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * The path without symbolic links, as git and the kernel report it, in the case of the file system: on macOS `/tmp` is
 * `/private/tmp` and `/users/ada` is `/Users/ada`, on some Linux `/home` is `/var/home`. If the path does not exist,
 * the part of it that exists is resolved.
 */
export function realPath(path: string): string {
  try {
    // Only the native version corrects the case.
    return realpathSync.native(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(realPath(folder), basename(path));
  }
}
