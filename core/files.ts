import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import {
  chown,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CoppiceError, hasCode, messageOf } from './errors.ts';

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

/** Removes a folder, if it is there and nothing is in it. */
export async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(() => undefined);
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

/** Whether two marks are of one folder. Without the device, whose number may be another after a restart of the machine. */
export function isSameFolder(mark: string, other: string): boolean {
  const [one, two] = [mark, other].map((text) => text.slice(text.indexOf(':') + 1));
  return one === two;
}

/** Whether two paths lead to one folder: the same, or one by a symbolic link, a mount or another spelling. */
export function isOneFolder(path: string, other: string): boolean {
  if (path === other) return true;
  try {
    const [one, two] = [path, other].map((at) => statSync(at, { bigint: true }));
    return one !== undefined && one.dev === two?.dev && one.ino === two.ino;
  } catch {
    return false;
  }
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

/**
 * Creates a file with its whole text; returns false, and changes nothing, when it exists. A full disk leaves no file.
 * Throws what {@link writeAtomic} throws.
 */
export async function writeNew(
  file: string,
  text: string,
  mode = 0o666 & ~process.umask(),
): Promise<boolean> {
  if ((await unlessAbsent(lstat(file))) !== undefined) return false;
  const whole = temporaryOf(file);
  try {
    await createFile(whole, text, mode);
    // Unlike a rename it never replaces what another process has created since.
    await link(whole, file);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw writeError(file, error);
  } finally {
    await rm(whole, { force: true });
  }
}

/**
 * Writes a file atomically, by default for the user only (0600), and creates its folders (0700). The file is as it was
 * when that fails. Throws COPPICE_DISK_FULL and COPPICE_CANNOT_WRITE.
 */
export async function writeAtomic(
  file: string,
  text: string | Uint8Array,
  mode = 0o600,
  owner?: FileOwner,
): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await replaceFile(file, text, mode, owner);
  } catch (error) {
    throw writeError(file, error);
  }
}

/** The user that a file belongs to. */
interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/** {@link writeAtomic} for code that cannot wait. */
export function writeAtomicNow(file: string, text: string, mode: number): void {
  try {
    replaceFileNow(file, text, mode);
  } catch (error) {
    throw writeError(file, error);
  }
}

/**
 * Not with write-file-atomic, which writes with one system call and ignores how much that wrote: a disk that becomes
 * full in the middle leaves a file that is cut short in the place of the whole one.
 */
async function replaceFile(
  file: string,
  text: string | Uint8Array,
  mode: number,
  owner?: FileOwner,
): Promise<void> {
  // Through a link, as dotfiles often are.
  const target = (await unlessAbsent(realpath(file))) ?? file;
  const whole = temporaryOf(target);
  try {
    await createFile(whole, text, mode);
    // What root replaces stays its user's.
    const { uid, gid } = owner ?? (await unlessAbsent(stat(target))) ?? {};
    if (uid !== undefined && gid !== undefined && process.geteuid?.() === 0) await chown(whole, uid, gid);
    await rename(whole, target);
  } catch (error) {
    await rm(whole, { force: true });
    throw error;
  }
}

async function createFile(file: string, text: string | Uint8Array, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(text);
    await handle.chmod(mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function replaceFileNow(file: string, text: string, mode: number): void {
  const whole = temporaryOf(file);
  try {
    writeFileSync(whole, text, { flag: 'wx', mode, flush: true });
    renameSync(whole, file);
  } catch (error) {
    rmSync(whole, { force: true });
    throw error;
  }
}

function temporaryOf(file: string): string {
  return `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
}

export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeAtomic(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** The errors of a file system that can hold nothing more. */
const full = ['ENOSPC', 'EDQUOT'] as const;

/** What an error of the system about a file that was to be written means for the user; other errors as they are. */
function writeError(file: string, error: unknown): unknown {
  if (hasCode(error, ...full)) {
    return new CoppiceError('COPPICE_DISK_FULL', `${file} cannot be written: no space is left there`, {
      hint: `free some space on that disk (df -h '${dirname(file)}'; df -i for files), then run this again`,
      cause: error,
    });
  }
  if (!hasCode(error, 'EROFS', 'EACCES', 'EPERM', 'EIO', 'EISDIR', 'ENOTDIR')) return error;
  return new CoppiceError('COPPICE_CANNOT_WRITE', `${file} cannot be written: ${messageOf(error)}`, {
    hint: `make it possible to write there (ls -ld '${file}' '${dirname(file)}'), then run this again`,
    cause: error,
  });
}
