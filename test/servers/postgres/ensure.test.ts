import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { dropDatabase } from '../../../servers/postgres/clones/drop.ts';
import { type DatabaseRequest, ensureDatabase } from '../../../servers/postgres/clones/ensure.ts';
import { connectServer, type Server } from '../../../servers/postgres/connection/server.ts';
import { marks, readMark } from '../../../servers/postgres/marks/mark.ts';
import { databaseState } from '../../../servers/postgres/marks/state.ts';
import type { TemplateRequest } from '../../../servers/postgres/types.ts';
import { runIn, startTestServer, type TestServer, testOwner, until, wasRefused } from './harness.ts';

let server: TestServer;
let admin: Server;
const { signal } = new AbortController();

beforeAll(async () => {
  server = await startTestServer();
  admin = await server.connect();
});
afterAll(async () => {
  await admin?.close();
  await server?.remove();
});

const first = { path: 'db/001-books.sql', sha256: '1'.repeat(64) };
const second = { path: 'db/002-title.sql', sha256: '2'.repeat(64) };

let tests = 0;
let template: TemplateRequest;
beforeEach(() => {
  tests += 1;
  template = {
    app: 'shop',
    owner: 'shop_owner',
    extensions: [],
    migrations: [first],
    seed: { kind: 'sql', text: `INSERT INTO books SELECT generate_series(1, 100), 'a book'` },
    hash: tests.toString(16).padStart(16, '0'),
    sourceHash: tests.toString(16).padStart(16, 'f'),
  };
});

function request(environment: string, changes: Partial<TemplateRequest> = {}): DatabaseRequest {
  return {
    name: `wt_shop__${environment}_${tests}`,
    password: `password of ${environment}`,
    owner: testOwner(`${environment}-${tests}`),
    template: { ...template, ...changes },
  };
}

const migrate = () =>
  runIn(server, {
    migrate: async (database) => {
      const [row] = await database.query<{ there: boolean }>(
        `SELECT to_regclass('books') IS NOT NULL AS there`,
      );
      if (!row?.there) await database.query('CREATE TABLE books (id int PRIMARY KEY, title text)');
      else await database.query('ALTER TABLE books ADD COLUMN year int DEFAULT 2000');
    },
  });

function connect(as: DatabaseRequest, database = as.name): Promise<Server> {
  return connectServer({ ...server.login, user: as.name, password: as.password, maintenance: database });
}

const yes = [{ yes: true }];
const count = (books: number) => `SELECT count(*) = ${books} AS yes FROM books`;

async function rows(as: DatabaseRequest, sql: string): Promise<unknown[]> {
  const session = await connect(as);
  return session.query(sql).finally(session.close);
}

test('an environment gets a migrated and seeded database, and a second one shares the template', async () => {
  const run = migrate();
  const [one, two] = [request('one'), request('two')];
  expect(await ensureDatabase(admin, one, { run, signal })).toMatchObject({ created: true, built: true });
  expect(await ensureDatabase(admin, two, { run, signal })).toMatchObject({ created: true, built: false });
  expect(run.runs).toEqual(['migrate']);
  expect(await rows(two, count(100))).toEqual(yes);
  await rows(one, 'DELETE FROM books');
  expect(await rows(two, count(100))).toEqual(yes);
  expect(await readMark(admin, one.name)).toMatchObject({ ...one.owner, kind: 'clone', migrations: [first] });
});

test('a repeated request changes nothing and runs nothing', async () => {
  const one = request('one');
  await ensureDatabase(admin, one, { run: migrate(), signal });
  await rows(one, `INSERT INTO books VALUES (1000, 'mine')`);
  const run = migrate();
  expect(await ensureDatabase(admin, one, { run, signal })).toMatchObject({ created: false, migrated: [] });
  expect(run.runs).toEqual([]);
  expect(await rows(one, count(101))).toEqual(yes);
});

test('an additional migration alters a table of the template in one clone and keeps its rows; other clones do not change', async () => {
  const [one, two] = [request('one'), request('two')];
  await ensureDatabase(admin, one, { run: migrate(), signal });
  await ensureDatabase(admin, two, { run: migrate(), signal });
  await rows(one, `INSERT INTO books VALUES (1000, 'mine')`);
  const run = migrate();
  const wanted = request('one', { migrations: [first, second], hash: 'a'.repeat(16) });
  const ensured = await ensureDatabase(admin, wanted, { run, signal });
  expect(ensured).toMatchObject({ created: false, migrated: [second.path] });
  expect(await rows(one, 'SELECT id, year FROM books WHERE id = 1000')).toEqual([{ id: 1000, year: 2000 }]);
  await expect(rows(two, 'SELECT year FROM books')).rejects.toThrow('does not exist');
  expect(await ensureDatabase(admin, wanted, { run, signal })).toMatchObject({ migrated: [] });
  expect(run.runs).toEqual(['migrate']);
});

test('an additional migration that fails runs again with the next call', async () => {
  const one = request('one');
  await ensureDatabase(admin, one, { run: migrate(), signal });
  const wanted = request('one', { migrations: [first, second] });
  const failing = runIn(server, { migrate: (database) => database.query('SELECT 1 / 0') });
  await expect(ensureDatabase(admin, wanted, { run: failing, signal })).rejects.toThrow('division by zero');
  expect(await databaseState(admin, wanted)).toMatchObject({
    kind: 'ours',
    change: { added: [second.path] },
  });
  const run = migrate();
  expect(await ensureDatabase(admin, wanted, { run, signal })).toMatchObject({ migrated: [second.path] });
});

test('the error for edited and removed migrations names them, and the database stays as it is', async () => {
  const one = request('one', { migrations: [first, second] });
  await ensureDatabase(admin, one, { run: migrate(), signal });
  const edited = { ...first, sha256: '9'.repeat(64) };
  const run = migrate();
  await expect(
    ensureDatabase(admin, request('one', { migrations: [edited] }), { run, signal }),
  ).rejects.toMatchObject({
    code: 'COPPICE_MIGRATIONS_CHANGED',
    message: expect.stringMatching(/edited: db\/001-books.sql\n.*removed: db\/002-title.sql/),
    hint: expect.stringContaining('wt db reset'),
  });
  expect(run.runs).toEqual([]);
  expect(await rows(one, count(100))).toEqual(yes);
});

test('an additional extension is created before the additional migration that needs it, and once', async () => {
  const one = request('one');
  await ensureDatabase(admin, one, { run: migrate(), signal });
  const wanted = request('one', { extensions: ['citext'], migrations: [first, second] });
  expect(await databaseState(admin, wanted)).toMatchObject({ extensions: ['citext'] });
  const run = runIn(server, {
    migrate: (database) => database.query('ALTER TABLE books ADD COLUMN isbn citext'),
  });
  await ensureDatabase(admin, wanted, { run, signal });
  expect(await databaseState(admin, wanted)).toMatchObject({ extensions: [] });
  expect(await rows(one, count(100))).toEqual(yes);
  const fresh = { ...request('two'), template: { ...wanted.template, hash: 'c'.repeat(16) } };
  const both = runIn(server, {
    migrate: (database) => database.query('CREATE TABLE books (id int, isbn citext)'),
  });
  await ensureDatabase(admin, fresh, { run: both, signal });
  expect(await databaseState(admin, fresh)).toMatchObject({ extensions: [] });
});

test('a changed seed alone keeps the clone', async () => {
  const one = request('one');
  await ensureDatabase(admin, one, { run: migrate(), signal });
  const other = request('one', { seed: { kind: 'sql', text: 'SELECT 1' }, hash: 'b'.repeat(16) });
  const ensured = await ensureDatabase(admin, other, { run: migrate(), signal });
  expect(ensured).toMatchObject({ created: false, built: false, migrated: [] });
  expect(await rows(one, count(100))).toEqual(yes);
});

test('a new password and lost rights are repaired', async () => {
  const one = request('one');
  await ensureDatabase(admin, one, { run: migrate(), signal });
  await admin.query(`REVOKE CONNECT ON DATABASE ${one.name} FROM ${one.name}`);
  expect(await databaseState(admin, one)).toMatchObject({ kind: 'ours', usable: false });
  const again = { ...one, password: 'another one' };
  await ensureDatabase(admin, again, { run: migrate(), signal });
  expect(await databaseState(admin, one)).toMatchObject({ kind: 'ours', usable: true });
  expect(await rows(again, count(100))).toEqual(yes);
  await expect(rows(one, count(100))).rejects.toMatchObject({ code: 'COPPICE_DATABASE_UNREACHABLE' });
});

test('a database of another branch is refused with both names, and not deleted for the refused branch', async () => {
  const one = request('one');
  await ensureDatabase(admin, one, { run: migrate(), signal });
  const other = { ...one, owner: { ...one.owner, branch: 'feat/one' } };
  const refusal = ensureDatabase(admin, other, { run: migrate(), signal });
  await expect(refusal).rejects.toMatchObject({
    code: 'COPPICE_CLAIMED',
    message: expect.stringMatching(new RegExp(`branch ${one.owner.branch} of .*branch feat/one of`)),
  });
  expect(await dropDatabase(admin, other)).toEqual({ dropped: false });
  expect(await rows(one, count(100))).toEqual(yes);
});

test('a database that Coppice did not create is neither adopted nor deleted', async () => {
  const one = request('one');
  await admin.query(`CREATE DATABASE ${one.name}`);
  const refusal = ensureDatabase(admin, one, { run: migrate(), signal });
  await expect(refusal).rejects.toMatchObject({ code: 'COPPICE_CLAIMED' });
  expect(await dropDatabase(admin, one)).toEqual({ dropped: false });
  expect((await marks(admin)).map(({ name }) => name)).toContain(one.name);
});

test('a role that Coppice did not create is not taken over', async () => {
  const one = request('one', { owner: 'their_owner' });
  await admin.query('CREATE ROLE their_owner LOGIN');
  const refusal = ensureDatabase(admin, one, { run: migrate(), signal });
  await expect(refusal).rejects.toMatchObject({
    code: 'COPPICE_CLAIMED',
    message: expect.stringContaining('their_owner'),
  });
});

test('ten concurrent environments get separate databases from one template that is built once', async () => {
  const run = migrate();
  const requests = Array.from({ length: 10 }, (_, i) => request(`many${i}`));
  await Promise.all(
    requests.map(async (one) => {
      const connection = await server.connect();
      await ensureDatabase(connection, one, { run, signal }).finally(connection.close);
    }),
  );
  expect(run.runs).toEqual(['migrate']);
  for (const one of requests) expect(await rows(one, count(100))).toEqual(yes);
});

test('a database in use is deleted at once with its role, and a second call is no error', async () => {
  const one = request('one');
  await ensureDatabase(admin, one, { run: migrate(), signal });
  const session = await connect(one);
  const since = server.log().length;
  expect(await dropDatabase(admin, one)).toEqual({ dropped: true });
  expect(wasRefused(server, since)).toBe(false);
  await expect(session.query('SELECT 1')).rejects.toMatchObject({ code: 'COPPICE_DATABASE_UNREACHABLE' });
  expect(await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [one.name])).toEqual([]);
  expect(await dropDatabase(admin, one)).toEqual({ dropped: false });
});

test('objects that an app created under its login role do not prevent dropping that role', async () => {
  const one = request('one');
  await ensureDatabase(admin, one, { run: migrate(), signal });
  await rows(one, 'SET ROLE NONE; CREATE SCHEMA own; CREATE TABLE own.things (id int)');
  expect(await dropDatabase(admin, one)).toMatchObject({ dropped: true });
  expect(await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [one.name])).toEqual([]);
});

test('an interrupted DROP DATABASE is finished by the next up, and by the next delete', async () => {
  const one = request('one');
  await ensureDatabase(admin, one, { run: migrate(), signal });
  await admin.query('UPDATE pg_database SET datconnlimit = -2 WHERE datname = $1', [one.name]);
  expect(await ensureDatabase(admin, one, { run: migrate(), signal })).toMatchObject({ created: true });
  expect(await rows(one, count(100))).toEqual(yes);
  await admin.query('UPDATE pg_database SET datconnlimit = -2 WHERE datname = $1', [one.name]);
  expect(await dropDatabase(admin, one)).toEqual({ dropped: true });
  expect(await databaseState(admin, one)).toEqual({ kind: 'absent' });
});

test('an interrupted ensure throws COPPICE_INTERRUPTED', async () => {
  const ending = new AbortController();
  const connection = await connectServer(server.login, ending.signal);
  const run = runIn(server, { migrate: (database) => database.query('SELECT pg_sleep(60)') });
  const ensuring = ensureDatabase(connection, request('one'), { run, signal: ending.signal });
  const interrupted = expect(ensuring).rejects.toMatchObject({ code: 'COPPICE_INTERRUPTED' });
  await until(() => run.runs.length > 0);
  ending.abort();
  await interrupted;
  const again = await ensureDatabase(admin, request('one'), { run: migrate(), signal });
  expect(again).toMatchObject({ created: true, built: true });
});
