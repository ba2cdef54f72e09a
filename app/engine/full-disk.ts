import { statfs } from 'node:fs/promises';
import { CoppiceError } from '../../core/errors.ts';
import { type Paths, paths } from '../../core/paths.ts';

/** Bytes and files without which no state can be written; what the engine could not write may have left so much. */
const least = { bytes: 512 * 1024, files: 16 };

/**
 * The error of an engine that could not write its state; undefined when the disk of the state has room. Its own words are
 * often missing then, as they would be in files on the same disk.
 */
export async function fullDisk(
  done: string,
  words: string,
  { data }: Pick<Paths, 'data'> = paths(),
): Promise<CoppiceError | undefined> {
  const named = words
    .split('\n')
    .some((line) => line.includes(data) && /no space left|quota exceeded/i.test(line));
  if (!named && !(await isFull(data))) return undefined;
  return new CoppiceError(
    'COPPICE_DISK_FULL',
    [`the disk of the state, ${data}, is full: ${done}`, ...(words === '' ? [] : [words])].join('\n'),
    {
      hint: `free some space there (df -h '${data}'; df -i for files), then run this again: nothing is forgotten; the cache ($XDG_CACHE_HOME/coppice) can be deleted at any time`,
    },
  );
}

/**
 * Says once that the disk of the state is full while an engine works: it tries to write for half a minute a step, and
 * goes on where there is room again. Returns what ends the watch.
 */
export function watchDisk(note: (text: string) => void, { data }: Pick<Paths, 'data'> = paths()): () => void {
  const timer = setInterval(async () => {
    if (!(await isFull(data).catch(() => false))) return;
    note(`the disk of the state, ${data}, is full: the engine waits for room there for half a minute`);
    clearInterval(timer);
  }, 1_000);
  timer.unref();
  return () => clearInterval(timer);
}

async function isFull(folder: string): Promise<boolean> {
  const { bavail, bsize, files, ffree } = await statfs(folder);
  return bavail * bsize < least.bytes || (files > 0 && ffree < least.files);
}
