import { join } from 'node:path';
import { writeJson } from '../../../core/files.ts';
import { paths } from '../../../core/paths.ts';
import { running } from '../../../core/running.ts';
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

/** Where the system does not tell its start, the clock is judged by signs alone. */
export function momentNow(): Moment {
  const { uptime, ...boot } = running();
  return { at: Date.now(), uptime: uptime * 1000, ...boot };
}
