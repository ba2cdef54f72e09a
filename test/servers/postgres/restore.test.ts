import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { restoreScript } from '../../../resources/database/restore-script.ts';
import type { Server } from '../../../servers/postgres/connection/server.ts';
import { ensurePrograms } from '../../../toolchain/toolchain.ts';
import { startTestServer, type TestServer } from './harness.ts';

/** The restore as its Job runs it, with PostgreSQL's own programs. */

let server: TestServer;
let admin: Server;
let folder: string;
let programs: string;
let restored: string;

const source = `
CREATE ROLE readers;
CREATE ROLE restorer LOGIN PASSWORD 'restorer';
CREATE DATABASE production`;
const objects = `
CREATE TABLE notes (id int PRIMARY KEY, text text);
GRANT SELECT ON notes TO readers;
INSERT INTO notes VALUES (1, E'first\nGRANT ALL ON notes TO readers;\nALTER TABLE notes OWNER TO readers;\nlast'),
  (2, 'it''s $$ -- /* "'), (3, E'a\\\\');
CREATE FUNCTION open_up() RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
GRANT SELECT ON notes TO readers;
ALTER TABLE notes OWNER TO readers;
END
$body$;
COMMENT ON FUNCTION open_up() IS 'it''s two
REVOKE ALL ON notes FROM readers;'`;

beforeAll(async () => {
  server = await startTestServer();
  admin = await server.connect();
  folder = mkdtempSync(join(tmpdir(), 'coppice-restore-'));
  programs = join((await ensurePrograms(['postgresql'])).postgresql.path, 'bin');
  for (const statement of source.split(';')) await admin.query(statement);
  await inside('production', objects);
});
afterAll(async () => {
  await admin?.close();
  await server?.remove();
  rmSync(folder, { recursive: true, force: true });
});

let tests = 0;
beforeEach(async () => {
  tests += 1;
  restored = `restored_${tests}`;
  await admin.query(`CREATE DATABASE ${restored} OWNER restorer`);
});

async function inside(database: string, sql: string): Promise<unknown[]> {
  const one = await admin.in(database);
  return one.query(sql).finally(one.close);
}

const login = (database: string, user: string, password: string) => ({
  PGHOST: server.login.host,
  PGPORT: String(server.login.port),
  PGDATABASE: database,
  PGUSER: user,
  PGPASSWORD: password,
});

function dump(...options: string[]): Buffer {
  const { user, password } = server.login;
  const env = { ...process.env, ...login('production', user, password) };
  return execFileSync(join(programs, 'pg_dump'), options, { env });
}

function restore(text: Buffer | string): { readonly status: number | null; readonly stderr: string } {
  writeFileSync(join(folder, 'dump'), text);
  const env = {
    ...login(restored, 'restorer', 'restorer'),
    PATH: `${programs}:${process.env.PATH}`,
    DUMP: join(folder, 'dump'),
  };
  return spawnSync('sh', ['-c', restoreScript.replaceAll('/tmp/', `${folder}/`)], { env, encoding: 'utf8' });
}

const contents = `SELECT obj_description('open_up()'::regprocedure) AS comment, prosrc AS body,
  (SELECT json_agg(notes ORDER BY id) FROM notes) AS notes FROM pg_proc WHERE proname = 'open_up'`;

describe('a dump', () => {
  test.each([
    ['as text', []],
    ['as text with a statement for each row', ['--inserts']],
    ['as text without dollar quotes', ['--disable-dollar-quoting']],
    ["in PostgreSQL's own format", ['--format=custom']],
  ])('%s is restored completely by a login without rights', async (_, options) => {
    expect(restore(dump(...options))).toMatchObject({ status: 0, stderr: '' });
    expect(await inside(restored, contents)).toEqual(await inside('production', contents));
    expect(await inside(restored, `SELECT tableowner FROM pg_tables WHERE tablename = 'notes'`)).toEqual([
      { tableowner: 'restorer' },
    ]);
  });

  test.each([
    ['in the rows of a table', [], '2\tit'],
    ['in a string', ['--inserts'], "it''s $$"],
    ['in a function', [], 'ALTER TABLE notes OWNER'],
    ['between two statements', [], '-- Name: notes notes_pkey'],
  ])('that was truncated %s is refused, and leaves nothing behind', async (_, options, at) => {
    const text = dump(...options).toString();
    expect(text).toContain(at);
    const { status, stderr } = restore(text.slice(0, text.indexOf(at)));
    expect(status).not.toBe(0);
    expect(stderr).toContain('the dump is cut short');
    expect(await inside(restored, `SELECT FROM pg_tables WHERE tablename = 'notes'`)).toEqual([]);
  });
});
