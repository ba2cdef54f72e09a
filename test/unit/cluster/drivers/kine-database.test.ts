import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  databaseProblem,
  requireWholeDatabase,
  watchDatabase,
} from '../../../../cluster/drivers/embedded/kine-database.ts';
import { logPath } from '../../../../cluster/drivers/embedded/log-file.ts';

let kine: string;
let file: string;
beforeEach(() => {
  kine = mkdtempSync(join(tmpdir(), 'coppice-kine-'));
  file = join(kine, 'state.db');
});
afterEach(() => rmSync(kine, { recursive: true }));

const page = 4096;

/** A database of so many pages, of which the header is real. */
function database(pages: number): Buffer {
  const bytes = Buffer.alloc(pages * page);
  bytes.write('SQLite format 3\0', 'latin1');
  bytes.writeUInt16BE(page, 16);
  bytes.writeUInt32BE(pages, 28);
  return bytes;
}

it('takes an absent database for absent, and a whole one for whole', async () => {
  expect(await databaseProblem(file, true)).toBeUndefined();
  writeFileSync(file, database(3));
  expect(await databaseProblem(file, true)).toBeUndefined();
});

it.each([
  ['empty', Buffer.alloc(0), 'it is empty'],
  ['zeros of the same length', Buffer.alloc(3 * page), 'not a database'],
  ['another file', Buffer.from('[]'), 'not a database'],
  ['cut short', database(3).subarray(0, 2 * page), `cut short: ${2 * page} of ${3 * page} bytes`],
  ['cut in its header', database(3).subarray(0, 50), 'cut short: 50'],
])('stops at a database that is %s, with what to do', async (_, bytes, problem) => {
  writeFileSync(file, bytes);
  await expect(requireWholeDatabase({ kine, logs: kine }, true)).rejects.toMatchObject({
    code: 'COPPICE_DAMAGED',
    message: expect.stringContaining(problem),
    hint: expect.stringContaining(`mv '${kine}' '${kine}.damaged'`),
  });
});

it('lets a first start that was killed go on with an empty file', async () => {
  writeFileSync(file, '');
  await requireWholeDatabase({ kine, logs: kine }, false);
});

it('leaves pages that are only in the write-ahead log to SQLite', async () => {
  writeFileSync(file, database(3).subarray(0, 2 * page));
  writeFileSync(`${file}-wal`, 'x');
  expect(await databaseProblem(file, true)).toBeUndefined();
});

it('reports what kine says of a damaged database, and not what it said before', async () => {
  const log = logPath(kine, 'kine');
  mkdirSync(kine, { recursive: true });
  writeFileSync(log, 'database disk image is malformed\n');
  const look = await watchDatabase({ kine, logs: kine });
  expect(look).not.toThrow();
  appendFileSync(log, 'Failed to ping database connection: database disk image is malformed (11)\n');
  expect(look).toThrow('is damaged: database disk image is malformed');
  writeFileSync(log, 'file is not a database');
  expect(look).toThrow('file is not a database');
});
