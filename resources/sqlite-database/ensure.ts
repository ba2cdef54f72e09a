import { chown, link, lstat, mkdir, rename, rm, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { defined } from '../../core/defined.ts';
import { CoppiceError, hasCode } from '../../core/errors.ts';
import { unlessAbsent } from '../../core/files.ts';
import type { SqliteInputs, SqliteState } from './contract.ts';
import { type CopyStrategy, copySqlite, removeLog } from './copy.ts';

/**
 * Ensures that the worktree has its database file: a copy of the main worktree's, unless one exists, which is never
 * touched. Throws COPPICE_SQLITE, COPPICE_INTERRUPTED.
 */
export async function ensureSqlite(request: SqliteInputs, signal?: AbortSignal): Promise<SqliteState> {
  const began = performance.now();
  const origin = await ensure(request, signal);
  return { origin, milliseconds: Math.round(performance.now() - began) };
}

async function ensure(request: SqliteInputs, signal?: AbortSignal): Promise<SqliteState['origin']> {
  const { file, source } = request;
  if (source === file) return 'original';
  if (await isTaken(file)) return 'kept';
  const fresh = await freshCopy(request, signal);
  if (!fresh) return 'empty';
  try {
    if (await isTaken(file)) return 'kept';
    // A log without its file, left by an interrupted reset.
    await removeLog(file);
    // Unlike a rename, it never replaces a file that was created in the meantime.
    await link(fresh.path, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    return 'kept';
  } finally {
    await unlink(fresh.path);
  }
  return fresh.strategy;
}

export interface SqliteReset extends SqliteState {
  /** Where the previous file is kept; one per worktree. */
  readonly previous?: string;
}

/**
 * Replaces the file with a new copy of the main worktree's; the previous one is kept beside it. Programs that have the
 * old one open keep using it: services must be restarted. Throws COPPICE_SQLITE, COPPICE_INTERRUPTED.
 */
export async function resetSqlite(request: SqliteInputs, signal?: AbortSignal): Promise<SqliteReset> {
  const began = performance.now();
  const { file, source } = request;
  if (source === file)
    throw new CoppiceError('COPPICE_SQLITE', `${file} is the original that other worktrees copy`, {
      hint: 'delete it by hand to start over',
    });
  const fresh = await freshCopy(request, signal);
  const previous = (await isTaken(file)) ? await setAside(file) : undefined;
  if (fresh) await rename(fresh.path, file);
  return {
    origin: fresh?.strategy ?? 'empty',
    milliseconds: Math.round(performance.now() - began),
    ...defined({ previous }),
  };
}

/** A copy beside the file under a different name; undefined when there is no source. */
async function freshCopy(
  { file, source, uid, gid }: SqliteInputs,
  signal?: AbortSignal,
): Promise<{ readonly path: string; readonly strategy: CopyStrategy } | undefined> {
  if (source === undefined || !(await isTaken(source))) return undefined;
  const folder = dirname(file);
  const firstCreated = await mkdir(folder, { recursive: true });
  const path = `${file}.coppice`;
  // Left by an interrupted run.
  await rm(path, { force: true });
  await removeLog(path);
  const strategy = await copySqlite(source, path, signal);
  if (process.getuid?.() === 0)
    for (const one of [path, ...foldersBetween(firstCreated, folder)]) await chown(one, uid, gid);
  return { path, strategy };
}

/** The folders from the first created one down to the last. */
function foldersBetween(first: string | undefined, last: string): string[] {
  if (first === undefined) return [];
  return last === first ? [last] : [...foldersBetween(first, dirname(last)), last];
}

/** Renames the file, with its log. */
async function setAside(file: string): Promise<string> {
  const previous = `${file}.before-reset`;
  await removeLog(previous);
  await rename(file, previous);
  for (const end of ['-wal', '-journal'])
    if (await isTaken(`${file}${end}`)) await rename(`${file}${end}`, `${previous}${end}`);
  await removeLog(file);
  return previous;
}

/** Anything, including a broken link. */
export async function isTaken(path: string): Promise<boolean> {
  return (await unlessAbsent(lstat(path), ['ENOENT', 'ENOTDIR'])) !== undefined;
}
