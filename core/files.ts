import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import writeFileAtomic from 'write-file-atomic';
import { hasCode } from './errors.ts';

/** Whether a file or folder exists; one that cannot be inspected counts as absent. */
export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The text of a file, or undefined when it does not exist. Throws every other error. */
export function readIfPresent(file: string): Promise<string | undefined> {
  return unlessAbsent(readFile(file, 'utf8'));
}

/** The names in a folder; none when the folder does not exist. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await unlessAbsent(readdir(folder))) ?? [];
}

/**
 * What tells a folder from another one that takes its path later: device, inode, and when it was created (file systems
 * give the number of a deleted inode to the next folder). Undefined when there is none. A disk that is mounted again may
 * have another device number.
 */
export async function folderMark(folder: string): Promise<string | undefined> {
  const found = await unlessAbsent(stat(folder, { bigint: true }), ['ENOENT', 'ENOTDIR']);
  return found?.isDirectory() ? [found.dev, found.ino, found.birthtimeNs].join(':') : undefined;
}

/** Bytes of a file; 0 when it does not exist. */
export async function sizeOf(file: string): Promise<number> {
  return (await unlessAbsent(stat(file)))?.size ?? 0;
}

/**
 * Undefined instead of the error that the file or folder does not exist. A path below a file (ENOTDIR) is a mistake that
 * is thrown, unless the codes name it.
 */
export async function unlessAbsent<T>(
  work: Promise<T>,
  codes: readonly `E${string}`[] = ['ENOENT'],
): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, ...codes)) return undefined;
    throw error;
  }
}

/** SHA-256 of a file's bytes, 64 hexadecimal digits, whatever its size. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Creates a file; returns false, and changes nothing, when it exists. */
export async function writeNew(file: string, text: string, mode?: number): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx', mode });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Writes a file atomically, by default for the user only (0600), and creates its folders (0700). */
export async function writeAtomic(file: string, text: string, mode = 0o600): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFileAtomic(file, text, { mode });
}

/** A JSON file that only this program writes; undefined when it is absent or truncated. */
export async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readIfPresent(file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeAtomic(file, `${JSON.stringify(value, null, 2)}\n`);
}
