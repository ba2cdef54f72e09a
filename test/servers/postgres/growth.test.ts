import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { MigrationFile } from '../../../config/plan/environment-plan.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { type DatabaseRequest, ensureDatabase } from '../../../servers/postgres/clones/ensure.ts';
import { connectServer, type Server } from '../../../servers/postgres/connection/server.ts';
import { readMark } from '../../../servers/postgres/marks/mark.ts';
import type { TemplateRequest } from '../../../servers/postgres/types.ts';
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

/** Tables by file, and the view of R__view.sql; each file once in the history that the tool keeps. */
const texts: Readonly<Record<string, string>> = {
  'V1__a.sql': 'CREATE TABLE a (id int)',
  'V2__b.sql': 'CREATE TABLE b (id int)',
  'V3__c.sql': 'CREATE TABLE c (id int)',
  'V3__strict.sql': 'ALTER TABLE a ADD COLUMN name text NOT NULL',
  'R__view.sql 1': 'CREATE OR REPLACE VIEW v AS SELECT 1 AS one',
  'R__view.sql 2': 'CREATE OR REPLACE VIEW v AS SELECT 2 AS one',
};
const once = (path: string): MigrationFile => ({ path, sha256: path.padEnd(64, '0') });
const view = (version: 1 | 2): MigrationFile => ({
  path: 'R__view.sql',
  sha256: String(version).repeat(64),
  kind: 'repeatable',
});

let tests = 0;
let applied: string[];
beforeEach(() => {
  tests += 1;
  applied = [];
});

function request(environment: string, files: readonly MigrationFile[]): DatabaseRequest {
  const hash = (text: string) => Buffer.from(`${tests}${text}`).toString('hex').slice(-16).padStart(16, '0');
  const template: TemplateRequest = {
    app: 'shop',
    owner: 'shop_owner',
    extensions: [],
    migrations: files,
    rules: { tool: 'flyway' },
    seed: { kind: 'sql', text: 'INSERT INTO a VALUES (1)' },
    hash: hash(environment),
    sourceHash: hash('s'),
    baseHash: `base of ${tests}`,
  };
  const name = `wt_shop__${environment}_${tests}`;
  return { name, password: 'x', owner: testOwner(`${environment}-${tests}`), template };
}

/** A tool with a history, as all of them keep one. */
const tool = ({ template: { migrations = [] } }: DatabaseRequest) =>
  runIn(server, {
    migrate: async (database) => {
      await database.query('CREATE TABLE IF NOT EXISTS history (what text)');
      const done = await database.query<{ what: string }>('SELECT what FROM history');
      for (const { path, sha256, kind } of migrations) {
        const what = kind === 'repeatable' ? `${path} ${sha256[0]}` : path;
        if (done.some((row) => row.what === what)) continue;
        applied.push(what);
        await database.query(texts[what] ?? '').catch((error: unknown) => {
          throw new CoppiceError('COPPICE_MIGRATION', String(error));
        });
        await database.query(`INSERT INTO history VALUES ('${what}')`);
      }
    },
  });

async function up(wanted: DatabaseRequest): Promise<string[]> {
  applied = [];
  await ensureDatabase(admin, wanted, { run: tool(wanted), signal });
  return applied;
}

async function value(of: DatabaseRequest, sql: string): Promise<unknown> {
  const session = await connectServer({ ...server.login, maintenance: of.name });
  const [row] = await session.query<{ value: unknown }>(sql).finally(session.close);
  return row?.value;
}

const base = [view(1), once('V1__a.sql'), once('V2__b.sql')];

test('a branch with one more migration runs that one alone, and its template begins from the nearest', async () => {
  const [main, feature] = [request('main', base), request('feature', [...base, once('V3__c.sql')])];
  await up(request('old', base.slice(0, 2)));
  expect(await up(main)).toEqual(['V2__b.sql']);
  expect(await up(feature)).toEqual(['V3__c.sql']);
  const ours = await readMark(admin, feature.name);
  const template = ours?.kind === 'clone' ? await readMark(admin, ours.template) : undefined;
  const of = await readMark(admin, main.name);
  expect(template).toMatchObject({ stage: 'complete', grownFrom: of?.kind === 'clone' ? of.template : '' });
  // Seeded once, and not again.
  expect(await value(feature, 'SELECT count(*)::int AS value FROM a')).toBe(1);
  expect(await value(main, `SELECT to_regclass('c') AS value`)).toBeNull();
});

test('an edited repeatable one runs in a new template, and in the database that is there', async () => {
  const main = request('main', base);
  await up(main);
  await value(main, 'INSERT INTO a VALUES (2) RETURNING id AS value');
  const edited = [view(2), ...base.slice(1)];
  expect(await up(request('feature', edited))).toEqual(['R__view.sql 2']);
  expect(await up({ ...request('main', edited) })).toEqual(['R__view.sql 2']);
  expect(await value(main, 'SELECT one AS value FROM v')).toBe(2);
  expect(await value(main, 'SELECT count(*)::int AS value FROM a')).toBe(2);
});

test('a migration that stands before those of a template is no reason to begin from it', async () => {
  await up(request('main', [once('V1__a.sql'), once('V3__c.sql')]));
  const between = request('feature', [once('V1__a.sql'), once('V2__b.sql'), once('V3__c.sql')]);
  expect(await up(between)).toEqual(['V1__a.sql', 'V2__b.sql', 'V3__c.sql']);
});

test('where a migration refuses the seeded rows, the template is built in full', async () => {
  await up(request('main', [once('V1__a.sql')]));
  const strict = request('feature', [once('V1__a.sql'), once('V3__strict.sql')]);
  const { template } = strict;
  const seeded = { ...strict, template: { ...template, seed: { kind: 'sql' as const, text: 'SELECT 1' } } };
  expect(await up(seeded)).toEqual(['V3__strict.sql', 'V1__a.sql', 'V3__strict.sql']);
});
