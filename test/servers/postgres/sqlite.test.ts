import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SqliteInputs } from '../../../resources/sqlite-database/contract.ts';
import { copySqlite } from '../../../resources/sqlite-database/copy.ts';
import { ensureSqlite, resetSqlite } from '../../../resources/sqlite-database/ensure.ts';
import { repetitions } from '../../series.ts';
import { whyNoVolumes } from './harness.ts';

const copies = repetitions({ test: 12, soak: 200 });

let folder: string;
const ends: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-sqlite-'));
  ends.push(() => rmSync(folder, { recursive: true }));
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const sql = (file: string, text: string) =>
  execFileSync('sqlite3', ['-batch', '-bail', '-init', '/dev/null', file, text], { encoding: 'utf8' }).trim();

/** A separate file system on which files can share their blocks. */
function mountXfs(): string {
  const image = join(folder, 'xfs.img');
  const place = join(folder, 'xfs');
  mkdirSync(place);
  writeFileSync(image, '');
  truncateSync(image, 512 * 2 ** 20);
  execFileSync('mkfs.xfs', ['-q', '-m', 'reflink=1', image]);
  execFileSync('mount', ['-o', 'loop', image, place]);
  ends.push(() => execFileSync('umount', [place]));
  return place;
}

/**
 * Accounts with a constant sum, entries up to the value of the counter, all with the same round: true only between
 * transactions.
 */
function makeBank(file: string, mode: 'wal' | 'delete'): void {
  sql(
    file,
    `PRAGMA journal_mode=${mode};
    CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
    CREATE TABLE entry (id INTEGER PRIMARY KEY, text BLOB NOT NULL, round INTEGER NOT NULL);
    CREATE TABLE counter (entries INTEGER NOT NULL, round INTEGER NOT NULL);
    INSERT INTO counter VALUES (0, 0);
    INSERT INTO account SELECT value, 100 FROM generate_series(0, 99);
    PRAGMA user_version = 7;`,
  );
}

const transfer = `BEGIN IMMEDIATE;
UPDATE account SET balance = balance - 5 WHERE id = abs(random()) % 50;
INSERT INTO entry (text, round) SELECT randomblob(3000), round FROM counter;
UPDATE account SET balance = balance + 5 WHERE id = 50 + abs(random()) % 50;
DELETE FROM entry WHERE id <= (SELECT max(id) FROM entry) - 500;
UPDATE counter SET entries = entries + 1;
COMMIT;
`;
/** The WAL is written to the file and truncated all the time. */
const transfers = `${transfer.repeat(10)}
BEGIN IMMEDIATE; UPDATE entry SET round = round + 1; UPDATE counter SET round = round + 1; COMMIT;
PRAGMA wal_checkpoint(TRUNCATE);\n`;

/** Another process that makes transfers as fast as it can, until it is killed. */
async function startWriter(file: string): Promise<void> {
  const writer = spawn('sqlite3', ['-batch', '-bail', '-init', '/dev/null', file], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const exit = once(writer, 'exit');
  let ending = false;
  writer.stdin.on('error', () => undefined);
  writer.stdin.write('.timeout 600000\nPRAGMA synchronous=OFF;\nPRAGMA wal_autocheckpoint=20;\n');
  const feed = async () => {
    while (!ending && writer.exitCode === null)
      if (!writer.stdin.write(transfers))
        await Promise.race([once(writer.stdin, 'drain').catch(() => undefined), exit]);
  };
  const fed = feed();
  ends.push(async () => {
    ending = true;
    writer.kill('SIGKILL');
    await Promise.all([exit, fed]);
  });
}

/** The number of the last entry; fails unless the copy holds a state between two transactions. */
function entriesOf(file: string): number {
  const [integrity, sum, counted, last, strangers] = sql(
    file,
    `PRAGMA integrity_check;
    SELECT sum(balance) FROM account; SELECT entries FROM counter; SELECT coalesce(max(id), 0) FROM entry;
    SELECT count(*) FROM entry, counter WHERE entry.round <> counter.round;`,
  ).split('\n');
  expect({ integrity, sum, counted, strangers }).toEqual({
    integrity: 'ok',
    sum: '10000',
    counted: last,
    strangers: '0',
  });
  return Number(last);
}

const noVolumes = whyNoVolumes();
const places = [
  { strategy: 'vacuum', place: () => folder, runs: true },
  { strategy: 'reflink', place: mountXfs, runs: noVolumes === undefined },
] as const;

describe.each(places.flatMap((place) => (['wal', 'delete'] as const).map((mode) => ({ ...place, mode }))))(
  'by $strategy, journal mode $mode,',
  ({ strategy, place, runs, mode }) => {
    test.runIf(runs)(
      `${copies} copies made while a writer runs each hold a state between two transactions`,
      async () => {
        const at = place();
        const source = join(at, 'bank.db');
        makeBank(source, mode);
        await startWriter(source);
        const counts: number[] = [];
        for (let index = 0; index < copies; index += 1) {
          const copy = join(at, `copy-${index}.db`);
          expect(await copySqlite(source, copy)).toBe(strategy);
          counts.push(entriesOf(copy));
          expect(sql(copy, 'PRAGMA journal_mode; PRAGMA user_version;')).toBe(`${mode}\n7`);
          rmSync(copy);
        }
        expect(counts).toEqual([...counts].sort((one, other) => one - other));
        // Otherwise there was no writer.
        expect(new Set(counts).size).toBeGreaterThan(1);
        expect(readdirSync(at).filter((name) => name.startsWith('copy'))).toEqual([]);
      },
    );

    test.runIf(runs)('a copy has what a killed writer committed, and nothing else', async () => {
      const source = join(place(), 'bank.db');
      makeBank(source, mode);
      const writer = spawn('sqlite3', ['-batch', '-bail', '-init', '/dev/null', source], { stdio: 'pipe' });
      const exit = once(writer, 'exit');
      writer.stdin.write(
        `${transfer}BEGIN IMMEDIATE; DELETE FROM entry; UPDATE account SET balance = 0;\n.print begun\n`,
      );
      await once(writer.stdout, 'data');
      writer.kill('SIGKILL');
      await exit;
      const copy = `${source}.copy`;
      await copySqlite(source, copy);
      expect(entriesOf(copy)).toBe(1);
    });
  },
);

test.runIf(noVolumes === undefined)('a copy to another file system is written with VACUUM', async () => {
  const source = join(mountXfs(), 'bank.db');
  makeBank(source, 'wal');
  expect(await copySqlite(source, join(folder, 'copy.db'))).toBe('vacuum');
});

test('a source that is a symbolic link is copied with the WAL of its target', async () => {
  const at = noVolumes === undefined ? mountXfs() : folder;
  const file = join(at, 'bank.db');
  makeBank(file, 'wal');
  const open = spawn('sqlite3', ['-batch', file], { stdio: 'pipe' });
  ends.push(() => open.kill('SIGKILL') && once(open, 'exit'));
  open.stdin.write(`${transfer}.print written\n`);
  await once(open.stdout, 'data');
  mkdirSync(join(at, 'elsewhere'));
  const source = join(at, 'elsewhere', 'link.db');
  symlinkSync(file, source);
  await copySqlite(source, join(at, 'copy.db'));
  expect(entriesOf(join(at, 'copy.db'))).toBe(1);
});

test('a file that is not a database is refused in the words of SQLite, and leaves nothing behind', async () => {
  const source = join(folder, 'text.db');
  writeFileSync(source, 'not a database, though long enough to have a header of one hundred bytes'.repeat(9));
  const failure = copySqlite(source, join(folder, 'copy.db'));
  await expect(failure).rejects.toMatchObject({
    code: 'COPPICE_SQLITE',
    message: expect.stringContaining('file is not a database'),
  });
  expect(readdirSync(folder)).toEqual(['text.db']);
});

test('an interrupt ends a copy that waits for a writer, and leaves nothing behind', async () => {
  const source = join(folder, 'bank.db');
  makeBank(source, 'delete');
  const holder = spawn('sqlite3', ['-batch', source], { stdio: 'pipe' });
  holder.stdin.write('BEGIN EXCLUSIVE;\n.print held\n');
  await once(holder.stdout, 'data');
  const stop = new AbortController();
  const copying = copySqlite(source, join(folder, 'copy.db'), stop.signal);
  setImmediate(() => stop.abort());
  await expect(copying).rejects.toMatchObject({ code: 'COPPICE_INTERRUPTED' });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  expect(readdirSync(folder).filter((name) => name.startsWith('copy'))).toEqual([]);
});

describe('the file of a worktree', () => {
  let request: SqliteInputs & { source: string };
  beforeEach(() => {
    const [source, file] = ['main', 'feat'].map((name) => join(folder, name, 'data', 'app.db')) as [
      string,
      string,
    ];
    mkdirSync(dirname(source), { recursive: true });
    mkdirSync(join(folder, 'feat'));
    makeBank(source, 'wal');
    request = { source, file, uid: 1234, gid: 1234 };
  });

  test('is a copy of the one in the main worktree, and independent from then on', async () => {
    expect(await ensureSqlite(request)).toEqual({
      origin: expect.stringMatching(/vacuum|reflink/),
      milliseconds: expect.any(Number),
    });
    sql(request.file, transfer);
    expect(entriesOf(request.file)).toBe(1);
    expect(entriesOf(request.source)).toBe(0);
    expect(readdirSync(dirname(request.file))).toEqual(['app.db']);
  });

  test.runIf(process.getuid?.() === 0)(
    'belongs to the owner of the worktree, with the folders above it',
    async () => {
      await ensureSqlite(request);
      const owners = [request.file, dirname(request.file), join(folder, 'feat')].map(
        (path) => statSync(path).uid,
      );
      expect(owners).toEqual([1234, 1234, 0]);
    },
  );

  test('is never overwritten, whatever it contains', async () => {
    mkdirSync(dirname(request.file));
    writeFileSync(request.file, 'precious');
    // Even if the source cannot be copied.
    writeFileSync(request.source, 'no database'.repeat(100));
    expect(await ensureSqlite(request)).toMatchObject({ origin: 'kept' });
    expect(readFileSync(request.file, 'utf8')).toBe('precious');
    rmSync(request.file);
    symlinkSync('/nowhere/at/all', request.file);
    expect(await ensureSqlite(request)).toMatchObject({ origin: 'kept' });
  });

  test('that appears during the copy is not replaced', async () => {
    mkdirSync(dirname(request.file));
    const copying = ensureSqlite(request);
    while (!existsSync(`${request.file}.coppice`)) await new Promise(setImmediate);
    writeFileSync(request.file, 'precious');
    writeFileSync(`${request.file}-wal`, 'and so is its log');
    expect(await copying).toMatchObject({ origin: 'kept' });
    expect(readFileSync(request.file, 'utf8')).toBe('precious');
    expect(readdirSync(dirname(request.file))).toEqual(['app.db', 'app.db-wal']);
  });

  test('starts empty where the main worktree has none, or where there is no main worktree', async () => {
    rmSync(request.source);
    const { source: _, ...bare } = request;
    for (const one of [request, bare]) expect(await ensureSqlite(one)).toMatchObject({ origin: 'empty' });
    expect(existsSync(request.file)).toBe(false);
  });

  test('is the source itself in the main worktree, and not touched', async () => {
    const before = readFileSync(request.source);
    expect(await ensureSqlite({ ...request, file: request.source })).toMatchObject({ origin: 'original' });
    expect(readFileSync(request.source)).toEqual(before);
  });

  test('is complete despite an interrupted earlier copy and a WAL without a file', async () => {
    mkdirSync(dirname(request.file));
    writeFileSync(`${request.file}.coppice`, 'half');
    // The WAL of another database: SQLite would read it into the copy.
    await startWriter(request.source);
    while (!existsSync(`${request.source}-wal`) || statSync(`${request.source}-wal`).size === 0)
      await new Promise(setImmediate);
    writeFileSync(`${request.file}-wal`, readFileSync(`${request.source}-wal`));
    await ensureSqlite(request);
    expect(entriesOf(request.file)).toBeGreaterThanOrEqual(0);
    expect(readdirSync(dirname(request.file))).toEqual(['app.db']);
  });

  test('is recreated by a reset, which keeps the previous one beside it with the contents of its WAL', async () => {
    await ensureSqlite(request);
    const open = spawn('sqlite3', ['-batch', request.file], { stdio: 'pipe' });
    open.stdin.write(`${transfer}.print written\n`);
    await once(open.stdout, 'data');
    expect(statSync(`${request.file}-wal`).size).toBeGreaterThan(0);
    const previous = `${request.file}.before-reset`;
    expect(await resetSqlite(request)).toMatchObject({ previous });
    open.kill('SIGKILL');
    await once(open, 'exit');
    expect(entriesOf(request.file)).toBe(0);
    expect(entriesOf(previous)).toBe(1);
    expect(await resetSqlite(request)).toMatchObject({ previous });
    expect(entriesOf(previous)).toBe(0);
  });

  test('is not reset in the main worktree, where it is the original', async () => {
    await expect(resetSqlite({ ...request, file: request.source })).rejects.toMatchObject({
      code: 'COPPICE_SQLITE',
    });
    expect(entriesOf(request.source)).toBe(0);
  });

  test('the error for a missing program names the command that installs it', async () => {
    const path = process.env.PATH;
    process.env.PATH = folder;
    try {
      await expect(ensureSqlite(request)).rejects.toMatchObject({
        code: 'COPPICE_SQLITE',
        hint: expect.stringContaining('wt toolchain install sqlite3'),
      });
    } finally {
      process.env.PATH = path;
    }
    expect(existsSync(request.file)).toBe(false);
  });

  test('may have any name that a path can have', async () => {
    const odd = join(folder, "it's 100% #odd? &", 'app.db');
    mkdirSync(dirname(odd));
    await ensureSqlite({ ...request, file: odd });
    await ensureSqlite({ ...request, source: odd, file: `${odd} again` });
    expect(entriesOf(`${odd} again`)).toBe(0);
  });
});
