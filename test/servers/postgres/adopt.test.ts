import { afterAll, beforeAll, expect, test } from 'vitest';
import { adoptDatabase } from '../../../servers/postgres/clones/adopt.ts';
import { ensureDatabase } from '../../../servers/postgres/clones/ensure.ts';
import { connectServer, type Server } from '../../../servers/postgres/connection/server.ts';
import { readMark } from '../../../servers/postgres/marks/mark.ts';
import { ensureTemplate } from '../../../servers/postgres/templates/template.ts';
import type { TemplateRequest } from '../../../servers/postgres/types.ts';
import { runIn, startTestServer, type TestServer, testOwner } from './harness.ts';

/** A managed server: the login may create databases and roles, but is not a superuser. */
let server: TestServer;
let admin: Server;
const { signal } = new AbortController();
const template: TemplateRequest = {
  app: 'shop',
  owner: 'shop_owner',
  extensions: [],
  migrations: [{ path: 'db/001.sql', sha256: '1'.repeat(64) }],
  hash: '1'.repeat(16),
  sourceHash: '2'.repeat(16),
};
const password = 'secret of the environment';
const request = (environment: string) => ({
  name: `wt_shop__${environment}`,
  password,
  template,
  owner: testOwner(environment),
});
const run = () =>
  runIn(server, {
    migrate: async (database) => {
      await database.query('CREATE TABLE IF NOT EXISTS books (id int)');
      await database.query('INSERT INTO books VALUES (1)');
    },
  });

beforeAll(async () => {
  server = await startTestServer();
  const superuser = await server.connect();
  await superuser.query(`CREATE ROLE manager LOGIN CREATEDB CREATEROLE PASSWORD 'of the manager'`);
  await superuser.close();
  admin = await connectServer({ ...server.login, user: 'manager', password: 'of the manager' });
});
afterAll(async () => {
  await admin?.close();
  await server?.remove();
});

/** What the plugin of @pulumi/postgresql does for infra/environment/postgresql/database.ts, in SQL. */
async function createdByPlugin(name: string, from: string): Promise<void> {
  await admin.query(`CREATE ROLE ${name} LOGIN`);
  await admin.query(`GRANT shop_owner TO ${name}`);
  await admin.query(
    `CREATE DATABASE ${name} TEMPLATE ${from} ENCODING DEFAULT LC_COLLATE DEFAULT LC_CTYPE DEFAULT`,
  );
  await admin.query(
    `REVOKE ALL ON DATABASE ${name} FROM PUBLIC; GRANT CONNECT ON DATABASE ${name} TO ${name}`,
  );
}

test('a database that a plugin cloned from our template becomes an environment like any other', async () => {
  const wanted = request('plugin');
  const work = { run: run(), signal };
  const { name: from } = await ensureTemplate(admin, template, work);
  await createdByPlugin(wanted.name, from);
  await expect(ensureDatabase(admin, wanted, work)).rejects.toMatchObject({ code: 'COPPICE_CLAIMED' });

  await adoptDatabase(admin, { name: wanted.name, template: from, owner: wanted.owner });
  expect(await ensureDatabase(admin, wanted, work)).toMatchObject({ created: false, migrated: [] });
  expect(await readMark(admin, wanted.name)).toMatchObject({
    template: from,
    migrations: template.migrations,
  });

  const app = await connectServer({ ...server.login, user: wanted.name, password, maintenance: wanted.name });
  expect(await app.query('SELECT current_user AS who, count(*)::int AS books FROM books')).toEqual([
    { who: 'shop_owner', books: 1 },
  ]);
  await app.query('ALTER TABLE books ADD COLUMN title text');
  await app.close();

  const second = { path: 'db/002.sql', sha256: '2'.repeat(64) };
  const more = { ...wanted, template: { ...template, migrations: [...(template.migrations ?? []), second] } };
  expect(await ensureDatabase(admin, more, work)).toMatchObject({ migrated: [second.path] });
});

test('a database that already belongs to another environment is not adopted', async () => {
  const theirs = request('theirs');
  await ensureDatabase(admin, theirs, { run: run(), signal });
  const before = await readMark(admin, theirs.name);
  await adoptDatabase(admin, { name: theirs.name, template: 'tpl_other', owner: testOwner('other') });
  expect(await readMark(admin, theirs.name)).toEqual(before);

  await admin.query('CREATE DATABASE wt_shop__noted');
  await admin.query(`COMMENT ON DATABASE wt_shop__noted IS 'of the accounting department'`);
  await adoptDatabase(admin, {
    name: 'wt_shop__noted',
    template: 'tpl_other',
    owner: testOwner('noted'),
  });
  expect(await readMark(admin, 'wt_shop__noted')).toBeUndefined();
  await expect(ensureDatabase(admin, request('noted'), { run: run(), signal })).rejects.toMatchObject({
    code: 'COPPICE_CLAIMED',
  });
});

test('a missing database or role is not an error', async () => {
  await adoptDatabase(admin, { name: 'wt_shop__none', template: 'tpl_none', owner: testOwner('none') });
  expect(await readMark(admin, 'wt_shop__none')).toBeUndefined();
});
