import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import lockfile from 'proper-lockfile';
import { hasCode } from './errors.ts';
import { retry } from './until.ts';

/** Milliseconds after which the lock of a dead process counts as abandoned; it is refreshed twice as often. */
const STALE_MS = 6_000;
/** Builds take minutes, so a holder is waited for as long as an hour. */
const WAIT_MS = 3_600_000;
const RETRY_MS = 200;

/**
 * Runs `work` while holding the lock of that name; waits while another process holds it. `onWait` is called once,
 * before the first wait.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  const release = await taken(file, onWait);
  try {
    return await work();
  } finally {
    await release();
  }
}

/** Whether a process holds the lock of that name; one that was killed seems to for seconds. */
export function isHeld(file: string): Promise<boolean> {
  return lockfile.check(file, { realpath: false, stale: STALE_MS });
}

type Release = () => Promise<void>;

async function taken(file: string, onWait?: () => void): Promise<Release> {
  try {
    return await take(file);
  } catch (error) {
    if (!mayTakeLater(error)) throw error;
    if (hasCode(error, 'ELOCKED')) onWait?.();
    return retry(() => take(file), { every: RETRY_MS, within: WAIT_MS, again: mayTakeLater });
  }
}

async function take(file: string): Promise<Release> {
  // Each time: the holder may remove the folder when it was the last thing in it.
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  return lockfile.lock(file, { realpath: false, stale: STALE_MS });
}

function mayTakeLater(error: unknown): boolean {
  return hasCode(error, 'ELOCKED', 'ENOENT');
}
