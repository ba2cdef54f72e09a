import { appendFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readIfPresent, sizeOf, writeAtomic } from '../../../core/files.ts';
import { paths } from '../../../core/paths.ts';

/** Bytes; then the older half goes. An hourly run that does nothing writes one line. */
const LARGEST = 1_000_000;

/** Absolute path of what the runs of the timer wrote. */
export function logFile(): string {
  return join(paths().logs, 'gc.log');
}

/** Undefined before the first run. */
export function readLog(): Promise<string | undefined> {
  return readIfPresent(logFile());
}

/** Adds what one run says, under its time. */
export async function writeLog(text: string, now = new Date()): Promise<void> {
  const file = logFile();
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  if ((await sizeOf(file)) > LARGEST) await halve(file);
  await appendFile(file, `${now.toISOString()}  ${text.trimEnd()}\n`);
}

async function halve(file: string): Promise<void> {
  const text = (await readIfPresent(file)) ?? '';
  const half = text.slice(text.length / 2);
  await writeAtomic(file, half.slice(half.indexOf('\n') + 1), 0o600);
}
