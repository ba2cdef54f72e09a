import { type Dirent, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { hasCode } from '../errors.ts';
import { interruptedError } from '../pause.ts';

interface Entry {
  /** Below the folder that was listed; `` for itself. */
  readonly path: string;
  readonly stats: Stats;
}

export type FileEntry = Entry;
export type FolderEntry = Entry;
export interface LinkEntry extends Entry {
  /** As it is written in the link. */
  readonly target: string;
}

/** What stays behind, and why. */
export interface LeftOut {
  readonly path: string;
  readonly reason: string;
}

/** Everything below one path, parents before their children. */
export interface Listing {
  readonly folders: readonly FolderEntry[];
  readonly files: readonly FileEntry[];
  readonly links: readonly LinkEntry[];
  readonly leftOut: readonly LeftOut[];
  /** Of all files together. */
  readonly bytes: number;
}

export interface ListOptions {
  readonly signal?: AbortSignal | undefined;
  /** Why a folder is left out with all that is in it, by its path and the entries in it; undefined takes it. */
  readonly leaveOut?: (path: string, names: ReadonlySet<string>) => string | undefined;
}

/** Milliseconds of looking at files between two chances for a timer or Ctrl+C. */
const SLICE_MS = 30;

/**
 * Lists files, folders and links below `root` without following any link. `starts` are paths below it: files, links or
 * folders. What vanishes while it is read is not listed; what cannot be read, sockets, pipes and devices are left out with the
 * reason. Throws COPPICE_INTERRUPTED.
 */
export async function listTree(
  root: string,
  starts: readonly string[] = [''],
  { signal, leaveOut }: ListOptions = {},
): Promise<Listing> {
  const listing = {
    folders: [] as FolderEntry[],
    files: [] as FileEntry[],
    links: [] as LinkEntry[],
    leftOut: [] as LeftOut[],
    bytes: 0,
  };
  const waiting = [...starts].reverse();
  let began = performance.now();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (performance.now() - began > SLICE_MS) {
      await setImmediate();
      if (signal?.aborted) throw interruptedError(signal);
      began = performance.now();
    }
    try {
      const entry = { path, stats: lstatSync(join(root, path)) };
      if (entry.stats.isDirectory()) {
        const inside = readdirSync(join(root, path), { withFileTypes: true });
        const reason = leaveOut?.(path, new Set(inside.map(({ name }) => name)));
        if (reason === undefined) {
          listing.folders.push(entry);
          waiting.push(
            ...inside.map((child: Dirent) => (path === '' ? child.name : `${path}/${child.name}`)),
          );
        } else if (reason !== '') listing.leftOut.push({ path, reason });
      } else if (entry.stats.isFile()) {
        listing.files.push(entry);
        listing.bytes += entry.stats.size;
      } else if (entry.stats.isSymbolicLink()) {
        listing.links.push({ ...entry, target: readlinkSync(join(root, path)) });
      } else listing.leftOut.push({ path, reason: specialKind(entry.stats) });
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) continue;
      if (!hasCode(error, 'EACCES', 'EPERM')) throw error;
      listing.leftOut.push({ path, reason: 'it cannot be read' });
    }
  }
  return listing;
}

function specialKind(stats: Stats): string {
  if (stats.isSocket()) return 'it is a socket';
  return stats.isFIFO() ? 'it is a named pipe' : 'it is a device';
}
