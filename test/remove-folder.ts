import { rmSync } from 'node:fs';

/**
 * Deletes a folder in which processes of a test lived. One that was just killed may still write a file into it (a shell its
 * history, git a lock), and rmSync, which does not look again, then throws ENOTEMPTY.
 */
export function removeFolder(folder: string): void {
  for (let left = 100; ; left -= 1) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch (error) {
      if (left === 0 || (error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}
