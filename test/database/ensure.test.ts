import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { dropDatabase } from '../../database/drop.ts';
import { type DatabaseRequest, ensureDatabase } from '../../database/ensure.ts';
import { marks, readMark } from '../../database/mark.ts';
import { connectServer, type Server } from '../../database/server.ts';
import type { TemplateRequest } from '../../database/types.ts';
import { runIn, startTestServer, type TestServer, testOwner } from './harness.ts';

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

let count = 0;
let template: TemplateRequest;
beforeEach(() => {
  count += 1;
  template = {
    app: 'shop',
    owner: 'shop_owner',
    extensions: [],
    migrations: [first],
    seed: { kind: 'sql', text: `INSERT INTO books SELECT generate_series(1, 100), 'a book'` },
    hash: count.toString(16).padStart(16, '0'),
    sourceHash: count.toString(16).padStart(16, 'f'),
  };
});

function request(environment: string, changes: Partial<TemplateRequest> = {}): DatabaseRequest {
  return {
    name: `wt_shop__${environment}_${count}`,
    password: `password of ${environment}`,
    owner: testOwner(`${environment}-${count}`),
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
  expect(await rows(two, 'SELECT count(*)::int AS n FROM books')).toEqual([{ n: 100 }]);
  await rows(one, 'DELETE FROM books');
  expect(await rows(two, 'SELECT count(*)::int AS n FROM books')).toEqual([{ n: 100 }]);
  console.log(await marks(admin));
  console.log(await readMark(admin, one.name));
  console.log(await dropDatabase(admin, one));
  console.log(await dropDatabase(admin, one));
});

test('an additional migration alters a table of the template on one clone, keeps its rows, and others see nothing', async () => {
  const [one, two] = [request('one'), request('two')];
  await ensureDatabase(admin, one, { run: migrate(), signal });
  await ensureDatabase(admin, two, { run: migrate(), signal });
  await rows(one, `INSERT INTO books VALUES (1000, 'mine')`);
  const run = migrate();
  const wanted = request('one', { migrations: [first, second], hash: 'a'.repeat(16) });
  expect(await ensureDatabase(admin, wanted, { run, signal })).toMatchObject({
    created: false,
    migrated: [second.path],
  });
  expect(run.runs).toEqual(['migrate']);
  expect(await rows(one, 'SELECT id, year FROM books WHERE id = 1000')).toEqual([{ id: 1000, year: 2000 }]);
  await expect(rows(two, 'SELECT year FROM books')).rejects.toThrow('does not exist');
  expect(await ensureDatabase(admin, wanted, { run, signal })).toMatchObject({ migrated: [] });
  expect(run.runs).toEqual(['migrate']);
});
