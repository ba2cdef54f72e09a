import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { databaseInputs } from '../../../../resources/database/inputs.ts';
import { openDump } from '../../../../resources/database/open-dump.ts';
import { planOf, record, shop } from '../../../golden/plans.ts';

const spec = `${shop}database: { from: { dump: prod.dump } }\n`;
const dump = { path: 'prod.dump', sha256: '0'.repeat(64) };
const plan = planOf(spec, { databaseFiles: { migrations: [], tools: [], seed: [], dump } });
const rows = 'INSERT INTO items VALUES (1);\n'.repeat(10_000);

let folder: string;
let kept: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-open-dump-'));
  vi.stubEnv('XDG_DATA_HOME', join(folder, 'data'));
  kept = join(folder, 'data/coppice/dumps/shop');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** What pg_restore would read is kept, and its text is `from` and what it begins with. */
async function opened(content: string | Buffer, signal = new AbortController().signal) {
  const made = databaseInputs(plan, record);
  if (!made) throw new Error('the plan has no database');
  writeFileSync(join(folder, 'prod.dump'), content);
  const read: string[] = [];
  const text = await openDump(
    { ...made, folder },
    async (from, to) => {
      read.push(readFileSync(from, 'latin1'));
      writeFileSync(to, gzipSync('text of the archive'));
    },
    signal,
  );
  return { ...text, read };
}

async function allOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString('latin1');
}

const compressed = (program: string, content: string | Buffer) =>
  execFileSync(program, ['-c'], { input: content, maxBuffer: 2 ** 28 });
const programs = ['gzip', 'zstd', 'xz', 'bzip2', 'lz4'];
const tar = Buffer.concat([Buffer.alloc(257), Buffer.from('ustar'), Buffer.alloc(1_000)]).toString('latin1');

describe('a dump', () => {
  test('of text is read as it is', async () => {
    const text = await opened(rows);
    expect(text.origin).toBe('text');
    expect(await allOf(text.chunks)).toBe(rows);
  });

  test.each(programs)('that %s compressed is read as its text', async (program) => {
    const text = await opened(compressed(program, rows));
    expect(text.origin).toBe('text');
    expect(await allOf(text.chunks)).toBe(rows);
  });

  test.each(programs)('that %s compressed and that is cut short is refused', async (program) => {
    const whole = compressed(program, rows);
    const text = opened(whole.subarray(0, whole.length - 9));
    await expect(text.then(({ chunks }) => allOf(chunks))).rejects.toMatchObject({
      code: 'COPPICE_DUMP',
      message: expect.stringContaining('prod.dump'),
    });
  });

  test.each([
    ['custom', 'PGDMP, and more'],
    ['tar', tar],
  ])('in the %s format is read by pg_restore, and its text is deleted', async (_, archive) => {
    const text = await opened(Buffer.from(archive, 'latin1'));
    expect(text).toMatchObject({ origin: 'archive', read: [archive] });
    expect(readdirSync(kept)).toHaveLength(1);
    expect(await allOf(text.chunks)).toBe('text of the archive');
    await text.close();
    expect(readdirSync(kept)).toEqual([]);
  });

  test.each(programs)(
    'in the custom format that %s compressed once more is read by pg_restore too',
    async (program) => {
      const text = await opened(compressed(program, 'PGDMP, and more'));
      expect(text).toMatchObject({ origin: 'archive', read: ['PGDMP, and more'] });
      await text.close();
      expect(readdirSync(kept)).toEqual([]);
    },
  );

  test('deletes the texts that a killed process left a day ago', async () => {
    mkdirSync(kept, { recursive: true });
    for (const [name, hours] of [
      ['restore-old.sql.gz', 25],
      ['restore-new.sql.gz', 1],
      ['other.dump', 99],
    ] as const) {
      writeFileSync(join(kept, name), 'rows');
      const then = Date.now() / 1_000 - hours * 3_600;
      utimesSync(join(kept, name), then, then);
    }
    const text = await opened('PGDMP');
    await text.close();
    expect(readdirSync(kept).sort()).toEqual(['other.dump', 'restore-new.sql.gz']);
  });

  test('that is a zip file is refused with what to do', async () => {
    await expect(opened(Buffer.from('504b030414', 'hex'))).rejects.toMatchObject({
      code: 'COPPICE_DUMP',
      hint: 'unpack it, and name the file in it',
    });
  });
});
