import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureDatabase } from '../../../servers/postgres/clones/ensure.ts';
import { connectServer, type Server } from '../../../servers/postgres/connection/server.ts';
import { createExtensions } from '../../../servers/postgres/templates/extensions.ts';
import type { TemplateRequest } from '../../../servers/postgres/types.ts';
import { runIn, startTestServer, type TestServer, testOwner } from './harness.ts';

let server: TestServer;
let admin: Server;
let one: Server;
const { signal } = new AbortController();

const template: TemplateRequest = {
  app: 'shop',
  owner: 'shop_owner',
  extensions: ['pgcrypto', 'pg_stat_statements'],
  migrations: [{ path: 'db/001.sql', sha256: '1'.repeat(64) }],
  hash: '1'.repeat(16),
  sourceHash: '2'.repeat(16),
};
const request = (environment: string) => ({
  name: `wt_shop__${environment}`,
  password: 'secret of its own',
  template,
  owner: testOwner(environment),
});
const connect = (user: string, database: string) =>
  connectServer({ ...server.login, user, password: 'secret of its own', maintenance: database });

beforeAll(async () => {
  server = await startTestServer({ settings: { log_statement: 'all' } });
  admin = await server.connect();
  const run = runIn(server, {
    migrate: (database) => database.query('CREATE TABLE books (id int); INSERT INTO books VALUES (1)'),
  });
  await ensureDatabase(admin, request('one'), { run, signal });
  await ensureDatabase(admin, request('two'), { run, signal });
  one = await connect('wt_shop__one', 'wt_shop__one');
});
afterAll(async () => {
  await one?.close();
  await admin?.close();
  await server?.remove();
});

test.each(['wt_shop__two', 'postgres', 'template1', 'template0', `tpl_shop__${template.hash}`])(
  'a login role cannot connect to %s',
  async (database) => {
    await expect(connect('wt_shop__one', database)).rejects.toThrow(
      /permission denied for database|not currently accepting/,
    );
  },
);

test.each([
  [`COPY (SELECT 1) TO PROGRAM 'true'`, 'permission denied to COPY'],
  [`COPY books FROM PROGRAM 'true'`, 'permission denied to COPY'],
  [`COPY books TO '/tmp/books'`, 'permission denied to COPY'],
  [`SELECT pg_read_file('/etc/passwd')`, 'permission denied for function'],
  ['CREATE DATABASE mine', 'permission denied to create database'],
  ['CREATE ROLE mine', 'permission denied to create role'],
  ['DROP DATABASE wt_shop__two', 'must be owner'],
  ['ALTER DATABASE wt_shop__one RENAME TO wt_shop__mine', 'must be owner'],
  [`COMMENT ON DATABASE wt_shop__one IS 'mine'`, 'must be owner'],
  [`ALTER ROLE wt_shop__two PASSWORD 'mine'`, 'permission denied to alter role'],
  ['SET ROLE wt_shop__two', 'permission denied to set role'],
  ['SET ROLE postgres', 'permission denied to set role'],
  ['GRANT shop_owner TO wt_shop__two', 'permission denied to grant role'],
  [`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'`, 'permission denied'],
  ['CREATE EXTENSION file_fdw', 'permission denied to create extension'],
  ['DROP EXTENSION pg_stat_statements', 'must be owner'],
])('a login role may not %s', async (sql, refusal) => {
  await expect(one.query(sql)).rejects.toThrow(new RegExp(refusal));
});

test('a login role may do in its own database what migrations do', async () => {
  const who = `SELECT current_user AS is, session_user AS logs_in`;
  expect(await one.query(who)).toEqual([{ is: 'shop_owner', logs_in: 'wt_shop__one' }]);
  await one.query(`
    ALTER TABLE books ADD COLUMN title text;
    CREATE SCHEMA sales CREATE TABLE orders (id uuid DEFAULT gen_random_uuid());
    CREATE TEMPORARY TABLE cart (id int);
    CREATE EXTENSION IF NOT EXISTS citext;
    COMMENT ON EXTENSION pgcrypto IS 'as a restored dump does it';
    DROP SCHEMA sales CASCADE`);
  await one.query('CREATE SCHEMA again; DROP SCHEMA public CASCADE; CREATE SCHEMA public');
});

test('every object of a template belongs to the role without login', async () => {
  const two = await admin.in('wt_shop__two');
  const owners = await two
    .query(
      `SELECT DISTINCT pg_get_userbyid(relowner) AS owner FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relname LIKE 'books%'`,
    )
    .finally(two.close);
  expect(owners).toEqual([{ owner: 'shop_owner' }]);
  const [role] = await admin.query(`SELECT rolcanlogin FROM pg_roles WHERE rolname = 'shop_owner'`);
  expect(role).toEqual({ rolcanlogin: false });
});

test('DROP OWNED in one database revokes no right on another', async () => {
  const two = await connect('wt_shop__two', 'wt_shop__two');
  await one.query('DROP OWNED BY CURRENT_USER').catch(() => undefined);
  await two.query('CREATE SCHEMA still').finally(two.close);
});

test('a build leaves no role behind, and no password is in the server log', async () => {
  const roles = await admin.query<{ name: string }>(
    `SELECT rolname AS name FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1`,
  );
  expect(roles.map(({ name }) => name)).toEqual(['postgres', 'shop_owner', 'wt_shop__one', 'wt_shop__two']);
  expect(server.log()).toContain('ALTER ROLE "wt_shop__one" LOGIN');
  expect(server.log()).not.toContain('secret of its own');
});

test('an extension that could leave its database is refused, and the hint lists the allowed and installed ones', async () => {
  const refusal = createExtensions(admin, 'shop_owner', ['pgcrypto', 'file_fdw', 'nothing_like_it']);
  await expect(refusal).rejects.toMatchObject({
    code: 'COPPICE_EXTENSION',
    message:
      'extension file_fdw is not allowed: it could reach beyond its own database\n' +
      'extension nothing_like_it is not installed on this server',
    hint: expect.stringMatching(/^allowed and installed: .*citext.*pg_stat_statements/),
  });
});
