import { copyFileSync, openSync, statSync, truncateSync } from 'node:fs';

/** A log is cut at this size; one earlier part is kept. */
const LIMIT_BYTES = 10 * 1024 * 1024;

export function logPath(folder: string, name: string): string {
  return `${folder}/${name}.log`;
}

export function openLog(folder: string, name: string): number {
  return openSync(logPath(folder, name), 'a', 0o600);
}

/** The writer keeps its descriptor (it appends), so the file is copied away and emptied in place. */
export function capLog(folder: string, name: string): void {
  const file = logPath(folder, name);
  try {
    if (statSync(file).size < LIMIT_BYTES) return;
    copyFileSync(file, `${file}.1`);
    truncateSync(file);
  } catch {
    // Removed by hand: nothing to cap.
  }
}
