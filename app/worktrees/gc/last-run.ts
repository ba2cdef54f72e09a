import { readFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { writeJson } from '../../../core/files.ts';
import { paths } from '../../../core/paths.ts';
import { readCache } from '../../../core/state/state-file.ts';
import type { LastRun, Moment } from './clock.ts';

/** One for all repositories of this machine, as they have one clock. */
function file(): string {
  return join(paths().data, 'gc', 'last-run.json');
}

/** Undefined before the first run, and when what it left cannot be read. */
export async function readLastRun(): Promise<LastRun | undefined> {
  return readCache<LastRun>(file(), { at: 'number', uptime: 'number' });
}

/** Without a place to write to, the next run only knows less. */
export async function writeLastRun(run: LastRun): Promise<void> {
  await writeJson(file(), run).catch(() => undefined);
}

export async function momentNow(): Promise<Moment> {
  // https://man7.org/linux/man-pages/man5/proc_sys_kernel.5.html; macOS has none, and is judged by signs alone.
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined);
  return { at: Date.now(), uptime: uptime() * 1000, ...(boot !== undefined && { boot: boot.trim() }) };
}
