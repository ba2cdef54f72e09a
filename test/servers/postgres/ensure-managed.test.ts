import { afterAll, beforeAll, expect, test } from 'vitest';
import { dropDatabase } from '../../../servers/postgres/clones/drop.ts';
import { ensureDatabase } from '../../../servers/postgres/clones/ensure.ts';
import { connectServer, type Server } from '../../../servers/postgres/connection/server.ts';
import { databaseState } from '../../../servers/postgres/marks/state.ts';
import type { Login, TemplateRequest } from '../../../servers/postgres/types.ts';
import { runIn, startTestServer, type TestServer, testOwner } from './harness.ts';

/** A server run by others: its login may create databases and roles, and nothing else. */
let server: TestServer;
let superuser: Server;
let login: Login;
let managed: Server;
const { signal } = new AbortController();

beforeAll(async () => {
  server = await startTestServer();
  superuser = await server.connect();
  await superuser.query(`
    CREATE ROLE team LOGIN CREATEDB CREATEROLE PASSWORD 'of the team';
    CREATE ROLE their_app LOGIN PASSWORD 'of their app'`);
  await superuser.query('CREATE DATABASE their_database OWNER their_app');
  login = { ...server.login, user: 'team', password: 'of the team' };
  managed = await connectServer(login);
});
afterAll(async () => {
  await managed?.close();
  await superuser?.close();
  await server?.remove();
});

const migrations = [{ path: 'db/001-books.sql', sha256: '1'.repeat(64) }];
const template: TemplateRequest = {
  app: 'shop',
  owner: 'shop_owner',
  extensions: ['pgcrypto'],
  migrations,
  seed: { kind: 'sql', text: 'INSERT INTO books SELECT generate_series(1, 100)' },
  hash: '1'.repeat(16),
  sourceHash: '2'.repeat(16),
};
const request = (environment: string, made = template) => ({
  name: `wt_shop__${environment}`,
  password: 'of the environment',
  template: made,
  owner: testOwner(environment),
});
const work = () => ({
  run: runIn(server, {
    migrate: (database) => database.query('CREATE TABLE IF NOT EXISTS books (id int PRIMARY KEY)'),
  }),
  signal,
});
const connect = (environment: string, database = `wt_shop__${environment}`) =>
  connectServer({
    ...server.login,
    user: `wt_shop__${environment}`,
    password: 'of the environment',
    maintenance: database,
  });

test('without a superuser an environment gets its database, copied through the WAL', async () => {
  const ensured = await ensureDatabase(managed, request('one'), work());
  expect(ensured).toMatchObject({ created: true, built: true, mark: { strategy: 'wal_log' } });
  const one = await connect('one');
  expect(await one.query('SELECT count(*)::int AS n, current_user AS is FROM books')).toEqual([
    { n: 100, is: 'shop_owner' },
  ]);
  await one.close();
});

test("the login itself is not a superuser, and environments cannot reach each other's databases", async () => {
  await ensureDatabase(managed, request('one'), work());
  await ensureDatabase(managed, request('two'), work());
  expect(await managed.query(`SELECT current_setting('is_superuser') AS superuser`)).toEqual([
    { superuser: 'off' },
  ]);
  await expect(connect('one', 'wt_shop__two')).rejects.toThrow('permission denied for database');
});

test('an additional migration runs, lost rights are repaired, and a second call runs nothing', async () => {
  await ensureDatabase(managed, request('one'), work());
  await superuser.query('REVOKE CONNECT ON DATABASE wt_shop__one FROM wt_shop__one');
  const more = [...migrations, { path: 'db/002.sql', sha256: '2'.repeat(64) }];
  const wanted = request('one', { ...template, migrations: more });
  expect(await ensureDatabase(managed, wanted, work())).toMatchObject({ migrated: ['db/002.sql'] });
  expect(await databaseState(managed, wanted)).toMatchObject({ kind: 'ours', usable: true });
  expect(await ensureDatabase(managed, wanted, work())).toMatchObject({ migrated: [] });
});

test('a database in use is dropped with its role, and not kept, since that would cost a copy', async () => {
  await ensureDatabase(managed, request('used'), work());
  const session = await connect('used');
  await session.query('SET ROLE NONE; CREATE SCHEMA own; CREATE TABLE own.things (id int)');
  expect(await dropDatabase(managed, request('used'))).toEqual({ dropped: true });
  expect(await databaseState(managed, request('used'))).toEqual({ kind: 'absent' });
  expect(await superuser.query(`SELECT FROM pg_roles WHERE rolname = 'wt_shop__used'`)).toEqual([]);
  expect(await dropDatabase(managed, request('used'))).toEqual({ dropped: false });
});

test('roles and databases of others are not touched', async () => {
  const role = request('three', { ...template, owner: 'their_app', hash: '3'.repeat(16) });
  await expect(ensureDatabase(managed, role, work())).rejects.toMatchObject({ code: 'COPPICE_CLAIMED' });
  const database = { ...request('three'), name: 'their_database' };
  await expect(ensureDatabase(managed, database, work())).rejects.toMatchObject({ code: 'COPPICE_CLAIMED' });
  expect(await dropDatabase(managed, database)).toEqual({ dropped: false });
});

test('the error for an unavailable extension names it', async () => {
  const made = { ...template, extensions: ['file_fdw'], hash: '4'.repeat(16) };
  await expect(ensureDatabase(managed, request('four', made), work())).rejects.toMatchObject({
    code: 'COPPICE_EXTENSION',
    message: expect.stringContaining('file_fdw'),
  });
  const left = await superuser.query(`SELECT datname FROM pg_database WHERE datname LIKE 'build%'`);
  expect(left).toEqual([]);
});
