import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { CoppiceError } from '../../../core/errors.ts';
import { sizeOf, unlessAbsent } from '../../../core/files.ts';
import type { Layout } from './layout.ts';
import { logPath } from './log-file.ts';
import { asRoot } from './preflight.ts';
import { read } from './proc.ts';

type Places = Pick<Layout, 'kine' | 'logs'>;

/** What kine reports of a file that SQLite cannot use: https://www.sqlite.org/rescode.html, 11 and 26. */
const unusable = /database disk image is malformed|file is not a database/;

/**
 * Looks at the database of the cluster before kine opens it, which waits for ever at a damaged one and begins an empty
 * cluster in an empty file. `known`: there was a cluster. Throws COPPICE_DAMAGED.
 */
export async function requireWholeDatabase({ kine }: Places, known: boolean): Promise<void> {
  const file = databaseFile(kine);
  const problem = await databaseProblem(file, known);
  if (problem !== undefined) throw damagedError(kine, problem);
}

/**
 * A look at what kine reports while a start waits: call it again and again. Throws COPPICE_DAMAGED for what only SQLite
 * can see.
 */
export async function watchDatabase({ kine, logs }: Places): Promise<() => void> {
  const log = logPath(logs, 'kine');
  const before = await sizeOf(log);
  return () => {
    const text = read(log) ?? '';
    // It is emptied when it has grown too long.
    const [problem] = unusable.exec(text.length < before ? text : text.slice(before)) ?? [];
    if (problem !== undefined) throw damagedError(kine, problem);
  };
}

/** Written by `--endpoint=sqlite://` in processes.ts. */
function databaseFile(kine: string): string {
  return join(kine, 'state.db');
}

/**
 * What its header says: https://www.sqlite.org/fileformat.html#the_database_header. With a write-ahead log beside it, pages
 * may still be there alone.
 *
 * @internal Exported for its test.
 */
export async function databaseProblem(file: string, known: boolean): Promise<string | undefined> {
  const handle = await unlessAbsent(open(file));
  if (handle === undefined) return undefined;
  try {
    const { size } = await handle.stat();
    if (size === 0) return known ? 'it is empty' : undefined;
    const header = Buffer.alloc(100);
    await handle.read(header, 0, header.length, 0);
    if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0') return 'it is not a database of SQLite';
    const stored = header.readUInt16BE(16);
    const bytes = (stored === 1 ? 65_536 : stored) * header.readUInt32BE(28);
    const logged = (await sizeOf(`${file}-wal`)) > 0;
    return !logged && size < bytes ? `it is cut short: ${size} of ${bytes} bytes are there` : undefined;
  } finally {
    await handle.close();
  }
}

function damagedError(kine: string, problem: string): CoppiceError {
  const file = databaseFile(kine);
  return new CoppiceError('COPPICE_DAMAGED', `the database of the cluster, ${file}, is damaged: ${problem}`, {
    hint: `restore it from a backup while the cluster is stopped (\`${asRoot('stop')}\`); or move it away (mv '${kine}' '${kine}.damaged'): \`${asRoot('start')}\` then begins with an empty cluster, in which \`wt up\` creates each environment again`,
  });
}
