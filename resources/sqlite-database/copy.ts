import { constants } from 'node:fs';
import { copyFile, realpath, rm } from 'node:fs/promises';
import { hasCode } from '../../core/errors.ts';
import { sizeOf } from '../../core/files.ts';
import { sqlite } from './program.ts';

/** How a file was copied: by sharing its blocks, or by rewriting every row. */
export type CopyStrategy = 'reflink' | 'vacuum';

/** Errors of a file system that cannot share blocks, or not between these two folders. */
const cannotShare = ['ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'ENOSYS', 'ENOTTY', 'EINVAL'] as const;

/**
 * Copies a database in its state between two transactions, even while it is written to. `to` must not exist. The result
 * is one file, without a log beside it. Throws COPPICE_SQLITE, COPPICE_INTERRUPTED.
 */
export async function copySqlite(from: string, to: string, signal?: AbortSignal): Promise<CopyStrategy> {
  // The log is beside the file itself, not beside a link to it.
  const source = await realpath(from);
  const options = signal ? { signal } : {};
  try {
    if (await clone(source, to)) {
      await share(source, to, options);
      return 'reflink';
    }
    // Reads in one transaction: in WAL mode nothing waits for it, otherwise writers do.
    await sqlite(source, [`VACUUM INTO ${literal(to)};`], options);
    // The mode is stored in the file, and VACUUM INTO does not copy it.
    if ((await sqlite(source, ['PRAGMA journal_mode;'], options)) === 'wal')
      await sqlite(to, ['PRAGMA journal_mode=WAL;'], options);
    await removeLog(to);
    return 'vacuum';
  } catch (error) {
    await rm(to, { force: true });
    await removeLog(to);
    throw error;
  }
}

/**
 * Shares the blocks of file and log while a reader has a transaction open, which blocks nothing in WAL mode. Otherwise
 * no writer may touch the file before that reader is done. In WAL mode pages may move from the log to the file in the
 * meantime, but the log cannot restart (https://sqlite.org/walformat.html, 2.5): so the log, copied last, has all of
 * them, and SQLite applies it up to its last complete transaction.
 */
async function share(source: string, to: string, options: { readonly signal?: AbortSignal }): Promise<void> {
  await sqlite(source, ['BEGIN;', 'SELECT count(*) FROM sqlite_master;'], {
    ...options,
    meanwhile: async () => {
      await rm(to);
      await clone(source, to);
      if ((await sizeOf(`${source}-wal`)) > 0) await clone(`${source}-wal`, `${to}-wal`);
    },
  });
  await sqlite(to, ['PRAGMA wal_checkpoint(TRUNCATE);'], options);
  await removeLog(to);
}

async function clone(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (!hasCode(error, ...cannotShare)) throw error;
    await rm(to, { force: true });
    return false;
  }
}

/** Deletes the files beside a database that is not open: SQLite would read an old log into a new file. */
export async function removeLog(file: string): Promise<void> {
  await Promise.all(['-wal', '-shm', '-journal'].map((end) => rm(`${file}${end}`, { force: true })));
}

/** As SQL: https://www.sqlite.org/lang_expr.html#literal_values_constants_ */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
