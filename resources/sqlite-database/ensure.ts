import { chown, link, lstat, mkdir, rename, rm, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { defined } from '../../core/defined.ts';
import { CoppiceError, hasCode } from '../../core/errors.ts';
import { unlessAbsent } from '../../core/files.ts';
import type { SqliteInputs, SqliteState } from './contract.ts';
import { type CopyStrategy, copySqlite, removeLog } from './copy.ts';

/**
 * The worktree has its database file: a copy of the main worktree's unless there is one already, which is never touched.
 * Throws COPPICE_SQLITE, COPPICE_INTERRUPTED.
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
    // A log without its file, left by a reset that was interrupted.
    await removeLog(file);
    // Unlike a rename, it never replaces a file that has come meanwhile.
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
  /** Where the file is kept that was there before; one of each worktree. */
  readonly previous?: string;
}

/**
 * A new copy of the main worktree's file in the place of what is there, which is kept beside it. Who has the old one open
 * goes on with that: services must be restarted. Throws COPPICE_SQLITE, COPPICE_INTERRUPTED.
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

/** A copy beside the file under a name of its own; undefined when there is no source. */
async function freshCopy(
  { file, source, uid, gid }: SqliteInputs,
  signal?: AbortSignal,
): Promise<{ readonly path: string; readonly strategy: CopyStrategy } | undefined> {
  if (source === undefined || !(await isTaken(source))) return undefined;
  const folder = dirname(file);
  const made = await mkdir(folder, { recursive: true });
  const path = `${file}.coppice`;
  // What an interrupted run has left.
  await rm(path, { force: true });
  await removeLog(path);
  const strategy = await copySqlite(source, path, signal);
  if (process.getuid?.() === 0)
    for (const one of [path, ...foldersBetween(made, folder)]) await chown(one, uid, gid);
  return { path, strategy };
}

/** The folders from the first that was made down to the last. */
function foldersBetween(first: string | undefined, last: string): string[] {
  if (first === undefined) return [];
  return last === first ? [last] : [...foldersBetween(first, dirname(last)), last];
}

/** The file under another name, with the log that belongs to it. */
async function setAside(file: string): Promise<string> {
  const previous = `${file}.before-reset`;
  await removeLog(previous);
  await rename(file, previous);
  for (const end of ['-wal', '-journal'])
    if (await isTaken(`${file}${end}`)) await rename(`${file}${end}`, `${previous}${end}`);
  await removeLog(file);
  return previous;
}

/** Whatever it is, a link that leads nowhere included. */
export async function isTaken(path: string): Promise<boolean> {
  return (await unlessAbsent(lstat(path))) !== undefined;
}
