import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { entriesToRestore } from '../../../app/migration/archive.ts';
import { dumpCommand, restoreCommand } from '../../../app/migration/dump-file.ts';
import { ensureDatabase } from '../../../servers/postgres/clones/ensure.ts';
import { requireClone } from '../../../servers/postgres/clones/replace.ts';
import { connectServer, type Server } from '../../../servers/postgres/connection/server.ts';
import { marks } from '../../../servers/postgres/marks/mark.ts';
import { contentsOf, differences } from '../../../servers/postgres/transfer/contents.ts';
import {
  allowLogin,
  dumpForTransfer,
  type FillLogin,
  restoreTransferred,
  type TransferredDatabase,
} from '../../../servers/postgres/transfer/transfer.ts';
import type { Login } from '../../../servers/postgres/types.ts';
import { ensurePrograms } from '../../../toolchain/toolchain.ts';
import { runIn, startTestServer, type TestServer, testOwner } from './harness.ts';

/** From one real server to another, with PostgreSQL's own programs as they run beside the server in a cluster. */

const name = 'wt_shop__main';
const password = 'app';
let old: TestServer;
let fresh: TestServer;
let from: Server;
let to: Server;
let folder: string;
let binaries: string;

const template = {
  app: 'shop',
  owner: 'shop_owner',
  extensions: [],
  hash: '0123456789abcdef',
  sourceHash: '0123456789abcdef',
  migrations: [],
};
const request = { name, password, owner: testOwner('main'), template };

/** What a dump does not carry by itself: owners, schemas of extensions, constraints that call functions. */
const objects = `
CREATE EXTENSION pgcrypto;
CREATE SCHEMA "odd name";
CREATE SCHEMA types;
CREATE EXTENSION citext SCHEMA types;
CREATE TABLE "odd name"."Table ""x""" (id int GENERATED ALWAYS AS IDENTITY, name types.citext, double int GENERATED ALWAYS AS (id * 2) STORED);
INSERT INTO "odd name"."Table ""x""" (name) SELECT 'row ' || n FROM generate_series(1, 1000) AS n;
CREATE FUNCTION is_short(text text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN length(text) < 5; END';
CREATE TABLE checked (word text CHECK (public.is_short(word)));
CREATE INDEX checked_short ON checked (is_short(word));
INSERT INTO checked VALUES ('abc'), (NULL), ('ü');
CREATE TABLE parts (day date, amount numeric) PARTITION BY RANGE (day);
CREATE TABLE parts_2026 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO parts VALUES ('2026-11-21', 1.10);
CREATE TABLE hidden (secret text);
INSERT INTO hidden VALUES ('x');
ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;
ALTER TABLE hidden FORCE ROW LEVEL SECURITY;
CREATE MATERIALIZED VIEW totals AS SELECT sum(amount) FROM parts;
COMMENT ON TABLE checked IS 'words';
CREATE TABLE empty ()`;

beforeAll(async () => {
  [old, fresh] = await Promise.all([startTestServer(), startTestServer()]);
  [from, to] = await Promise.all([old.connect(), fresh.connect()]);
  folder = mkdtempSync(join(tmpdir(), 'coppice-carry-'));
  binaries = join((await ensurePrograms(['postgresql'])).postgresql.path, 'bin');
  await ensureDatabase(from, request, { run: runIn(old, {}), signal: new AbortController().signal });
  await asApp(old.login, objects);
});
afterAll(async () => {
  await Promise.all([from?.close(), to?.close()]);
  await Promise.all([old?.remove(), fresh?.remove()]);
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => allowLogin(from, name));

async function asApp(login: Login, sql: string, secret = password): Promise<unknown[]> {
  const app = await connectServer({ ...login, user: name, password: secret, maintenance: name });
  return app.query(sql).finally(app.close);
}

function program(words: readonly string[], { port, password }: Login): string {
  const env = {
    PATH: `${binaries}${delimiter}${process.env.PATH}`,
    PGPORT: String(port),
    PGPASSWORD: password,
  };
  const [command = '', ...args] = words;
  return execFileSync(command, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

const dump = () => join(folder, 'dump');

async function dumped(): Promise<TransferredDatabase> {
  const mark = await requireClone(from, name);
  return dumpForTransfer(from, { name, mark, bytes: 1 }, async (snapshot) => {
    program([...dumpCommand({ database: name, user: 'postgres', snapshot }), `--file=${dump()}`], old.login);
  });
}

async function fill({ database, user, password, schemas }: FillLogin): Promise<void> {
  const list = join(folder, 'list');
  const login = { ...fresh.login, user, password };
  writeFileSync(list, entriesToRestore(program(['pg_restore', '--list', dump()], login), schemas));
  program(restoreCommand({ database, user, list, dump: dump() }), login);
}

const clear = async () => {
  await to.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
};
const databases = async () =>
  (await marks(to)).map(({ name, mark }) => `${name} ${mark?.kind}`).filter((one) => !one.startsWith('tpl_'));

test("everything is transferred, and belongs to the app's role", async () => {
  await clear();
  const carried = await dumped();
  expect(carried.contents.find(({ name }) => name === 'Table "x"')).toMatchObject({ rows: 1000 });
  expect(carried.contents.find(({ name }) => name === 'hidden')).toMatchObject({ rows: 1 });
  await restoreTransferred(to, carried, 'embedded', fill);
  expect(await requireClone(to, name)).toMatchObject({
    ...testOwner('main'),
    origin: { kind: 'migrated', from: 'embedded' },
  });
  const inside = await to.in(name);
  const owners = await inside.query(
    `SELECT DISTINCT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relnamespace::regnamespace::text IN ('public', '"odd name"')
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')`,
  );
  const extensions = await inside.query(
    `SELECT extname AS name, extnamespace::regnamespace::text AS schema, pg_get_userbyid(extowner) AS owner
       FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1`,
  );
  await inside.close();
  expect(owners).toEqual([{ owner: 'shop_owner' }]);
  expect(extensions).toEqual([
    { name: 'citext', schema: 'types', owner: 'shop_owner' },
    { name: 'pgcrypto', schema: 'public', owner: 'shop_owner' },
  ]);
  // The next `up` finds its own database and sets a password.
  const { created } = await ensureDatabase(
    to,
    { ...request, password: 'new' },
    {
      run: runIn(fresh, {}),
      signal: new AbortController().signal,
    },
  );
  expect(created).toBe(false);
  expect(
    await asApp(fresh.login, "INSERT INTO checked VALUES ('new'); SELECT count(*)::int FROM checked", 'new'),
  ).toBeDefined();
  expect(await asApp(fresh.login, 'SELECT count(*)::int FROM public.checked', 'new')).toEqual([{ count: 4 }]);
});

test('no write happens after the dump, until the login is allowed again', async () => {
  const session = await connectServer({ ...old.login, user: name, password, maintenance: name });
  await dumped();
  await expect(session.query('SELECT 1')).rejects.toMatchObject({ code: 'COPPICE_DATABASE_UNREACHABLE' });
  await expect(asApp(old.login, 'SELECT 1')).rejects.toMatchObject({ code: 'COPPICE_DATABASE_UNREACHABLE' });
  await allowLogin(from, name);
  expect(await asApp(old.login, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a restore that lost a row is refused, and no database has the name', async () => {
  await clear();
  const carried = await dumped();
  const losing = async (filling: FillLogin) => {
    await fill(filling);
    const inside = await to.in(filling.database);
    await inside.query(`DELETE FROM checked WHERE word = 'abc'`).finally(inside.close);
  };
  await expect(restoreTransferred(to, carried, 'embedded', losing)).rejects.toMatchObject({
    code: 'COPPICE_MIGRATED_DIFFERS',
    message: expect.stringContaining('table public.checked has 2 rows instead of 3'),
  });
  expect(await databases()).toEqual([]);
});

test('a restore that changed a value is refused too', async () => {
  await clear();
  const carried = await dumped();
  const changing = async (filling: FillLogin) => {
    await fill(filling);
    const inside = await to.in(filling.database);
    await inside.query(`UPDATE checked SET word = 'abd' WHERE word = 'abc'`).finally(inside.close);
  };
  await expect(restoreTransferred(to, carried, 'embedded', changing)).rejects.toMatchObject({
    message: expect.stringContaining('table public.checked has different content'),
  });
});

test('a failure during filling leaves nothing behind', async () => {
  await clear();
  const carried = await dumped();
  const failing = () => Promise.reject(new Error('cut'));
  await expect(restoreTransferred(to, carried, 'embedded', failing)).rejects.toThrow('cut');
  expect(await databases()).toEqual([]);
});

test('a second run changes nothing if the first was complete', async () => {
  await clear();
  const carried = await dumped();
  await restoreTransferred(to, carried, 'embedded', fill);
  const oid = async () => (await marks(to)).find((one) => one.name === name)?.oid;
  const before = await oid();
  await restoreTransferred(to, carried, 'embedded', () => Promise.reject(new Error('filled again')));
  expect(await oid()).toBe(before);
});

test('a database of that name on the new server becomes a snapshot', async () => {
  await clear();
  await ensureDatabase(to, request, { run: runIn(fresh, {}), signal: new AbortController().signal });
  await restoreTransferred(to, await dumped(), 'embedded', fill);
  expect(await databases()).toEqual([expect.stringMatching(/^snap_.* snapshot$/), `${name} clone`]);
});

test('contents compare equal under different session settings', async () => {
  const inside = await from.in(name);
  const contents = await contentsOf(inside);
  await inside.query(`SET TimeZone = 'Asia/Tokyo'; SET extra_float_digits = 0`);
  expect(differences(contents, await contentsOf(inside))).toEqual([]);
  await inside.close();
});
