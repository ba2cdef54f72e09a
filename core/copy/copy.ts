import { chmodSync, constants, lchownSync, lutimesSync, mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { copyFile, link, open, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from '../errors.ts';
import { interruptedError } from '../pause.ts';
import type { FileEntry, LeftOut, Listing } from './listing.ts';

/** `reflink`: the copy shares its blocks with the original until one of them is written to. */
export type CopyKind = 'reflink' | 'copy';

export interface CopyOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each file, and after each few megabytes of a large one. */
  readonly onProgress?: (done: { readonly files: number; readonly bytes: number }) => void;
  /** What a link says in the copy; the same when absent. */
  readonly linkTarget?: (path: string, target: string) => string;
  /** Files that get another name instead of a copy, where the file system can. */
  readonly shares?: (file: FileEntry) => boolean;
  /** Files whose text may be another in the copy. */
  readonly edits?: (file: FileEntry) => ((text: string) => string) | undefined;
}

export interface Copied {
  readonly files: number;
  readonly bytes: number;
  readonly how: CopyKind;
  /** Files that vanished or could not be read. */
  readonly leftOut: readonly LeftOut[];
}

/** Copies in flight; libuv has four threads for them. */
const AT_ONCE = 8;
/** Bytes above which a file that cannot share its blocks is copied in parts, so that Ctrl+C need not wait for it. */
const LARGE = 32 * 1024 * 1024;
const PART = 4 * 1024 * 1024;

/**
 * Copies what was listed below `from` to `to`, which is a folder of the caller's own: it must be removed when this
 * throws. Mode, times and (as root) the owner stay. Throws COPPICE_INTERRUPTED and errors of the system, such as ENOSPC.
 */
export async function copyTree(
  listing: Listing,
  from: string,
  to: string,
  options: CopyOptions = {},
): Promise<Copied> {
  for (const { path, stats } of listing.folders) {
    mkdirSync(join(to, path), { recursive: true, mode: stats.mode | 0o700 });
  }
  for (const { path, target, stats } of listing.links) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    symlinkSync(options.linkTarget?.(path, target) ?? target, join(to, path));
    giveLike(join(to, path), stats);
    lutimesSync(join(to, path), stats.atime, stats.mtime);
  }
  const copied = await copyFiles(listing, from, to, options);
  // Afterwards: each file changes the time of its folder, and a folder may be read-only.
  for (const { path, stats } of listing.folders.toReversed()) {
    giveLike(join(to, path), stats);
    chmodSync(join(to, path), stats.mode & 0o7777);
    utimesSync(join(to, path), stats.atime, stats.mtime);
  }
  return copied;
}

async function copyFiles(
  { files, folders }: Listing,
  from: string,
  to: string,
  options: CopyOptions,
): Promise<Copied> {
  const known = new Set(folders.map(({ path }) => path));
  const leftOut: LeftOut[] = [];
  const done = { files: 0, bytes: 0, reflinks: 0 };
  // By device, and for this copy alone: another file system may get the number of one that was unmounted.
  const unableToShare = new Set<number>();
  const waiting = [...files].reverse();
  const failed = new AbortController();
  const copyNext = async () => {
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      if (options.signal?.aborted) throw interruptedError(options.signal);
      if (failed.signal.aborted) return;
      const folder = dirname(file.path);
      if (!known.has(folder === '.' ? '' : folder)) mkdirSync(join(to, folder), { recursive: true });
      try {
        const how = await copyOne(file, { from, to, unableToShare }, options, (bytes) => {
          done.bytes += bytes;
          options.onProgress?.(done);
        });
        done.files += 1;
        if (how === 'reflink') done.reflinks += 1;
        options.onProgress?.(done);
      } catch (error) {
        if (hasCode(error, 'ENOENT'))
          leftOut.push({ path: file.path, reason: 'it was deleted while files were copied' });
        else if (hasCode(error, 'EACCES', 'EPERM'))
          leftOut.push({ path: file.path, reason: 'it cannot be read' });
        else {
          failed.abort();
          throw error;
        }
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, copyNext));
  // Only once none of them writes any more may the caller remove the folder.
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return { files: done.files, bytes: done.bytes, how: done.reflinks > 0 ? 'reflink' : 'copy', leftOut };
}

interface Places {
  readonly from: string;
  readonly to: string;
  /** Devices that turned out unable to share blocks: they are not asked again. */
  readonly unableToShare: Set<number>;
}

async function copyOne(
  file: FileEntry,
  { from, to, unableToShare }: Places,
  options: CopyOptions,
  onBytes: (bytes: number) => void,
): Promise<CopyKind | 'shared'> {
  const [source, target] = [join(from, file.path), join(to, file.path)];
  const { stats } = file;
  if (options.shares?.(file) && (await shared(source, target))) {
    onBytes(stats.size);
    return 'shared';
  }
  const edit = options.edits?.(file);
  const how = edit
    ? await copyEdited(source, target, stats.mode, edit)
    : await copyBytes(file, source, target, unableToShare);
  if (how === 'large') await copyInParts(source, target, stats.mode, options.signal, onBytes);
  else onBytes(stats.size);
  giveLike(target, stats);
  await utimes(target, stats.atime, stats.mtime);
  return how === 'large' ? 'copy' : how;
}

async function shared(source: string, target: string): Promise<boolean> {
  try {
    await link(source, target);
    return true;
  } catch (error) {
    // Another file system, too many names, or a system that protects the file.
    if (hasCode(error, 'EXDEV', 'EMLINK', 'EPERM', 'ENOTSUP', 'EACCES')) return false;
    throw error;
  }
}

async function copyBytes(
  { stats }: FileEntry,
  source: string,
  target: string,
  unableToShare: Set<number>,
): Promise<CopyKind | 'large'> {
  if (!unableToShare.has(stats.dev) && stats.size > 0) {
    try {
      await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
      return 'reflink';
    } catch (error) {
      if (!hasCode(error, 'ENOTSUP', 'EOPNOTSUPP', 'ENOTTY', 'EXDEV', 'EINVAL', 'ENOSYS', 'EBADF'))
        throw error;
      unableToShare.add(stats.dev);
      await rm(target, { force: true });
    }
  }
  if (stats.size > LARGE) return 'large';
  await copyFile(source, target, constants.COPYFILE_EXCL);
  return 'copy';
}

async function copyInParts(
  source: string,
  target: string,
  mode: number,
  signal: AbortSignal | undefined,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const input = await open(source, 'r');
  try {
    const output = await open(target, 'wx', mode);
    try {
      const part = Buffer.allocUnsafe(PART);
      for (;;) {
        if (signal?.aborted) throw interruptedError(signal);
        const { bytesRead } = await input.read(part, 0, PART, null);
        if (bytesRead === 0) break;
        await output.writeFile(part.subarray(0, bytesRead));
        onBytes(bytesRead);
      }
      await output.chmod(mode & 0o7777);
    } finally {
      await output.close();
    }
  } finally {
    await input.close();
  }
}

/** Bytes that are no text stay as they are. */
async function copyEdited(
  source: string,
  target: string,
  mode: number,
  edit: (text: string) => string,
): Promise<CopyKind> {
  const bytes = await readFile(source);
  const text = bytes.toString('utf8');
  const isText = !bytes.includes(0) && Buffer.from(text, 'utf8').equals(bytes);
  await writeFile(target, isText ? edit(text) : bytes, { flag: 'wx', mode: mode & 0o7777 });
  return 'copy';
}

/** As root, the owner of the original keeps the copy. */
function giveLike(path: string, { uid, gid }: { readonly uid: number; readonly gid: number }): void {
  if (process.geteuid?.() === 0 && uid !== 0) lchownSync(path, uid, gid);
}
