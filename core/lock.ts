import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import lockfile from 'proper-lockfile';
import { hasCode } from './errors.ts';

/** Milliseconds after which the lock of a dead process counts as abandoned; it is refreshed twice as often. */
const STALE_MS = 6_000;

/**
 * Runs `work` while holding the lock of that name; waits while another process holds it. `onWait` is called once,
 * before the first wait.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const take = () => lockfile.lock(file, { realpath: false, stale: STALE_MS });
  let release: (() => Promise<void>) | undefined;
  try {
    release = await take();
  } catch (error) {
    if (!hasCode(error, 'ELOCKED')) throw error;
    onWait?.();
    // Builds take minutes: try for an hour, five times a second.
    release = await lockfile.lock(file, {
      realpath: false,
      stale: STALE_MS,
      retries: { retries: 18_000, factor: 1, minTimeout: 200, maxTimeout: 200 },
    });
  }
  try {
    return await work();
  } finally {
    await release();
  }
}
