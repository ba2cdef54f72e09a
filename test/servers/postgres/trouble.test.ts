import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { databaseName, slugOf } from '../../../core/names.ts';
import { dropDatabaseNow } from '../../../servers/postgres/clones/clone.ts';
import { dropDatabase } from '../../../servers/postgres/clones/drop.ts';
import { type DatabaseRequest, ensureDatabase } from '../../../servers/postgres/clones/ensure.ts';
import type * as facts from '../../../servers/postgres/connection/facts.ts';
import type { Server } from '../../../servers/postgres/connection/server.ts';
import { inventory } from '../../../servers/postgres/inventory/inventory.ts';
import { findOrphans } from '../../../servers/postgres/inventory/orphans.ts';
import { removeOrphans } from '../../../servers/postgres/inventory/remove-orphans.ts';
import { marks } from '../../../servers/postgres/marks/mark.ts';
import { isUsed } from '../../../servers/postgres/templates/last-use.ts';
import { ensureTemplate } from '../../../servers/postgres/templates/template.ts';
import type { TemplateRequest } from '../../../servers/postgres/types.ts';
import { randomShares, repetitions } from '../../series.ts';
import {
  dumpOf,
  runIn,
  startTestServer,
  type TestServer,
  type TestServerOptions,
  testOwner,
  whyNoVolumes,
} from './harness.ts';

/** How long an fsync takes (ms) decides how a small database is copied: here no disk is quicker or slower. */
const disk = vi.hoisted(() => ({ fsync: 0.2 }));
vi.mock('../../../servers/postgres/connection/facts.ts', async (original) => {
  const real = await original<typeof facts>();
  return { ...real, serverFacts: async (on: Server) => ({ ...(await real.serverFacts(on)), ...disk }) };
});

const noVolumes = whyNoVolumes();
const { signal } = new AbortController();
let server: TestServer;
let admin: Server;

async function begin(options?: TestServerOptions): Promise<void> {
  await end();
  server = await startTestServer(options);
  admin = await server.connect();
}
async function end(): Promise<void> {
  await admin?.close();
  await server?.remove();
}
beforeAll(() => begin());
afterAll(end);
beforeEach(async () => {
  for (const { name } of await marks(admin)) await dropDatabaseNow(admin, name);
});

const first = { path: 'db/001-books.sql', sha256: '1'.repeat(64) };
const template = (hash: string, changes: Partial<TemplateRequest> = {}): TemplateRequest => ({
  app: 'shop',
  owner: 'shop_owner',
  extensions: [],
  migrations: [first],
  hash: hash.padStart(16, '0'),
  sourceHash: hash.padStart(16, 'f'),
  ...changes,
});
const request = (environment: string, made: TemplateRequest): DatabaseRequest => ({
  name: `wt_shop__${environment}`,
  password: 'x',
  owner: testOwner(environment),
  template: made,
});

/** A table of about that many megabytes. */
const migrate = (megabytes: number) =>
  runIn(server, {
    migrate: (database) =>
      database.query(
        `CREATE TABLE books AS SELECT id, repeat('x', 970) AS text FROM generate_series(1, ${megabytes * 1000}) id`,
      ),
  });

async function booksIn(database: string): Promise<number> {
  const inside = await admin.in(database);
  const [row] = await inside
    .query<{ n: number }>('SELECT count(*)::int AS n FROM books')
    .finally(inside.close);
  return row?.n ?? 0;
}

async function names(): Promise<string[]> {
  return (await marks(admin)).map(({ name }) => name);
}

test('a failed template build leaves nothing behind and can be repeated', async () => {
  const failing = runIn(server, {
    migrate: (database) => database.query('CREATE TABLE books (); SELECT 1 / 0'),
  });
  await expect(ensureTemplate(admin, template('1'), { run: failing, signal })).rejects.toThrow(
    'division by zero',
  );
  expect(await names()).toEqual([]);
  expect(await admin.query(`SELECT FROM pg_roles WHERE rolname LIKE 'build%'`)).toEqual([]);
  const built = await ensureTemplate(admin, template('1'), { run: migrate(1), signal });
  expect(built).toMatchObject({ name: 'tpl_shop__0000000000000001', built: true });
  expect(await names()).toEqual([built.name]);
});

test('a build that has lost its lock does not rename its database to the template', async () => {
  const run = runIn(server, {
    migrate: () =>
      admin.query(`SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'`),
  });
  await expect(ensureTemplate(admin, template('1'), { run, signal })).rejects.toMatchObject({
    code: 'COPPICE_DATABASE_UNREACHABLE',
  });
  expect(await names()).toEqual([]);
});

test('a connection sends keepalives after half a minute of silence', () => {
  const port = server.login.port.toString(16).toUpperCase().padStart(4, '0');
  // https://docs.kernel.org/networking/proc_net_tcp.html: 02 is the keepalive timer, then hundredths of a second.
  const ours = new RegExp(`:${port} 01 \\S+ 02:(\\S+)`).exec(readFileSync('/proc/net/tcp', 'utf8'));
  expect(Number.parseInt(ours?.[1] ?? '', 16)).toBeLessThanOrEqual(3000);
});

test('the error of a failing seed has its line, and shows no row', async () => {
  const seed = { kind: 'sql', text: `INSERT INTO books VALUES (1);\nINSERT INTO bookz\nVALUES (2)` } as const;
  await expect(
    ensureTemplate(admin, template('1', { seed }), { run: migrate(1), signal }),
  ).rejects.toMatchObject({
    code: 'COPPICE_SEED',
    message: `the seed's SQL failed in line 2: relation "bookz" does not exist (INSERT INTO bookz)`,
  });
});

test('a dump is restored and masked once, before any of its templates is migrated', async () => {
  const seen: unknown[] = [];
  const run = runIn(server, {
    migrate: async (database) => {
      seen.push(...(await database.query('SELECT mail FROM people')));
      await database.query('ALTER TABLE people ADD COLUMN age int');
    },
  });
  const dump = { identity: '1', mask: `UPDATE people SET mail = 'masked'` };
  const [one, two] = ['1', '2'].map((hash) => template(hash, { dump, sourceHash: 'a'.repeat(16) }));
  if (!one || !two) throw new Error('there are two');
  const opened = vi.fn(
    dumpOf(`CREATE TABLE people (mail text); INSERT INTO people VALUES ('a@real.example');
      CREATE EVENT TRIGGER look ON sql_drop EXECUTE FUNCTION look(); ALTER EVENT TRIGGER look DISABLE;`),
  );
  await ensureTemplate(admin, one, { run, openDump: opened, signal });
  await ensureTemplate(admin, two, { run, openDump: opened, signal });
  expect(opened).toHaveBeenCalledOnce();
  expect(run.runs).toEqual(['migrate', 'migrate']);
  expect(seen).toEqual([{ mail: 'masked' }, { mail: 'masked' }]);
  expect(await names()).toEqual([
    ...['src_shop__aaaaaaaaaaaaaaaa', 'tpl_shop__0000000000000001', 'tpl_shop__0000000000000002'],
  ]);
  const all = await marks(admin);
  expect(isUsed('src_shop__aaaaaaaaaaaaaaaa', all)).toBe(true);
  expect(all.flatMap(({ mark }) => (mark?.kind === 'template' ? (mark.leftOut ?? []) : []))).toEqual([
    { counts: { eventTrigger: 1 }, objects: [{ kind: 'eventTrigger', line: 2, what: 'look' }] },
  ]);
});

test('a mask reaches what the server keeps of the rows elsewhere, or that is emptied and said', async () => {
  const seen: unknown[] = [];
  const notes: string[] = [];
  const run = runIn(server, {
    migrate: async (database) => {
      seen.push(
        ...(await database.query(`SELECT (SELECT json_agg(mail) FROM mails) AS mails,
          (SELECT json_agg(mail) FROM other."of Mails") AS of_mails, (SELECT json_agg(mail) FROM hidden) AS hidden,
          (SELECT json_agg(relname ORDER BY relname) FROM pg_class WHERE relkind = 'm' AND NOT relispopulated) AS empty,
          (SELECT json_agg(mail) FROM parts) AS parts, (SELECT json_agg(mail) FROM far) AS far,
          (SELECT json_agg(s) FROM pg_stats s WHERE s::text LIKE '%real%') AS statistics,
          (SELECT json_agg(s) FROM pg_stats_ext s WHERE s::text LIKE '%real%') AS more`)),
      );
    },
  });
  const opened = dumpOf(`CREATE SCHEMA other;
    CREATE TABLE people (id int, mail text); INSERT INTO people SELECT i, 'a@real.example' FROM generate_series(1, 3) i;
    CREATE TABLE gone AS SELECT id, mail FROM people; CREATE STATISTICS gone_s (mcv) ON id, mail FROM gone;
    CREATE TABLE parts (id int, mail text) PARTITION BY LIST (id); CREATE TABLE part PARTITION OF parts DEFAULT;
    INSERT INTO parts VALUES (1, 'a@real.example'); ANALYZE gone; ANALYZE people; ANALYZE parts;
    CREATE FOREIGN TABLE far (mail text) SERVER elsewhere;
    INSERT INTO far VALUES ('a@real.example');
    CREATE VIEW hides AS SELECT ''::text AS mail;
    CREATE MATERIALIZED VIEW hidden AS SELECT * FROM hides;
    CREATE MATERIALIZED VIEW mails AS SELECT DISTINCT mail FROM people;
    CREATE MATERIALIZED VIEW other."of Mails" AS SELECT mail FROM mails;
    CREATE OR REPLACE VIEW hides AS SELECT mail FROM other."of Mails";
    CREATE MATERIALIZED VIEW broken AS SELECT mail, 1 / length(replace(mail, 'masked', '')) AS n FROM people;
    CREATE MATERIALIZED VIEW of_broken AS SELECT mail FROM broken;
    CREATE MATERIALIZED VIEW never AS SELECT mail FROM people WITH NO DATA;
    SELECT pg_catalog.lo_from_bytea(4711, 'a@real.example');`);
  const mask = ['people', 'parts', 'far'].map((name) => `UPDATE ${name} SET mail = 'masked';`).join(' ');
  const request = template('1', { dump: { identity: '1', mask: `${mask} DELETE FROM gone;` } });
  await ensureTemplate(admin, request, { run, openDump: opened, signal, note: (text) => notes.push(text) });
  expect(seen).toEqual([
    {
      mails: ['masked'],
      of_mails: ['masked'],
      hidden: ['masked'],
      empty: ['broken', 'never', 'of_broken'],
      parts: ['masked'],
      far: ['masked'],
      statistics: null,
      more: null,
    },
  ]);
  expect(notes).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        /^the mask left 2 materialised views empty: public\.broken: division by zero, public\.of_broken: .*has not been populated/,
      ),
      expect.stringMatching(/^the dump has 1 large object, which no UPDATE of a table masks/),
    ]),
  );
  const kept = (await marks(admin)).flatMap(({ mark }) =>
    mark?.kind === 'template' ? (mark.leftOut ?? []) : [],
  );
  expect(kept.flatMap(({ objects }) => objects)).toContainEqual({
    kind: 'view',
    line: 0,
    what: 'public.broken',
    why: 'division by zero',
  });
});

test('a failing mask leaves no restored row behind', async () => {
  const run = runIn(server, {});
  const openDump = dumpOf('CREATE TABLE people (mail text)');
  const dump = { identity: '1', mask: 'UPDATE people SET email = NULL' };
  await expect(
    ensureTemplate(admin, template('1', { dump }), { run, openDump, signal }),
  ).rejects.toMatchObject({
    code: 'COPPICE_MASK',
  });
  expect(await names()).toEqual([]);
});

test('a mask masks rows that a policy hides from their owner, or is refused', async () => {
  const run = runIn(server, {});
  const openDump = dumpOf(`CREATE TABLE people (mail text); INSERT INTO people VALUES ('a@real.example');
    ALTER TABLE people ENABLE ROW LEVEL SECURITY; ALTER TABLE people FORCE ROW LEVEL SECURITY;`);
  const masked = (mask: string) =>
    ensureTemplate(admin, template('1', { dump: { identity: '1', mask } }), { run, openDump, signal });
  const update = "UPDATE people SET mail = 'masked';";
  await expect(masked(update)).rejects.toMatchObject({
    code: 'COPPICE_MASK',
    message: expect.stringContaining('row-level security policy for table "people"'),
    hint: expect.stringContaining('ALTER TABLE people NO FORCE ROW LEVEL SECURITY'),
  });
  expect(await names()).toEqual([]);
  const { name } = await masked(`ALTER TABLE people NO FORCE ROW LEVEL SECURITY; ${update}`);
  expect(name).toBe('tpl_shop__0000000000000001');
});

test('two branches whose names share the first 63 bytes get separate databases', async () => {
  const branch = 'a-branch-with-a-name-that-is-longer-than-any-database-of-postgresql-can-be';
  const made = template('1');
  const requests = ['-one', '-two'].map((end) => {
    const environment = slugOf(`${branch}${end}`);
    const name = databaseName('app-of-twenty-letter', environment);
    return { ...request(environment, made), name };
  });
  for (const one of requests) {
    expect(await ensureDatabase(admin, one, { run: migrate(1), signal })).toMatchObject({ created: true });
    expect(await booksIn(one.name)).toBe(1000);
  }
  expect(new Set(requests.map(({ name }) => name.slice(0, 63))).size).toBe(2);
});

test('a name that PostgreSQL would truncate is refused', async () => {
  const one = { ...request('x', template('1')), name: `wt_${'x'.repeat(61)}` };
  await expect(ensureDatabase(admin, one, { run: migrate(1), signal })).rejects.toThrow('63');
});

const kills = repetitions({ test: 5, soak: 100 });

/** Kills the server after these milliseconds; errors of the work do not matter. */
async function killedAfter(milliseconds: number, work: () => Promise<unknown>): Promise<void> {
  const done = work().catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  await server.kill();
  await done;
  await admin.close();
  await server.start();
  admin = await server.connect();
}

async function sweep(existing: readonly DatabaseRequest[]): Promise<void> {
  const found = findOrphans(
    await inventory(admin),
    existing.map(({ owner }) => owner),
    new Date(),
  );
  await removeOrphans(admin, found, { force: true });
  const left = await inventory(admin);
  expect(
    findOrphans(
      left,
      existing.map(({ owner }) => owner),
      new Date(),
    ),
  ).toEqual([]);
  expect(left.strays).toEqual([]);
}

test(`a server killed at ${kills} moments of building a template keeps no half of it, and the next up succeeds`, async () => {
  const start = performance.now();
  await ensureDatabase(admin, request('undisturbed', template('0')), { run: migrate(20), signal });
  const usual = performance.now() - start;
  const requests = [request('undisturbed', template('0'))];
  for (const [i, point] of randomShares(kills).entries()) {
    const one = request(`build${i}`, template(`${i + 1}`));
    await killedAfter(point * usual, () => ensureDatabase(admin, one, { run: migrate(20), signal }));
    for (const { name, mark } of await marks(admin)) {
      // With its final name it is complete, or it does not exist.
      if (name.startsWith('tpl_')) expect(mark).toMatchObject({ kind: 'template', stage: 'complete' });
      if (name.startsWith('wt_')) expect(await booksIn(name)).toBe(20_000);
    }
    requests.push(one);
    await sweep(requests);
    await ensureDatabase(admin, one, { run: migrate(20), signal });
    expect(await booksIn(one.name)).toBe(20_000);
  }
});

test(`a server killed at ${kills} moments of a clone loses nothing else, and the next up succeeds`, async () => {
  const made = template('1');
  await ensureTemplate(admin, made, { run: migrate(60), signal });
  const start = performance.now();
  const before = request('before', made);
  await ensureDatabase(admin, before, { run: migrate(60), signal });
  const usual = performance.now() - start;
  const requests = [before];
  for (const [i, point] of randomShares(kills).entries()) {
    const one = request(`clone${i}`, made);
    await killedAfter(point * usual, () => ensureDatabase(admin, one, { run: migrate(60), signal }));
    expect(await booksIn(before.name)).toBe(60_000);
    requests.push(one);
    await sweep(requests);
    expect(await ensureDatabase(admin, one, { run: migrate(60), signal })).toMatchObject({ built: false });
    expect(await booksIn(one.name)).toBe(60_000);
  }
});

const why = noVolumes ? `: ${noVolumes}` : '';

test.skipIf(noVolumes).each([
  { strategy: 'copy', megabytes: 100 },
  // Copying files is cheaper from about 40 MB on; an empty database has 7.
  { strategy: 'wal_log', megabytes: 8 },
])(
  `a disk that is full during a $strategy is named, no half of a database is left, and after making room an up succeeds (needs a loop file${why})`,
  async ({ strategy, megabytes }) => {
    await begin({
      volume: { fileSystem: 'ext4', mebibytes: 500 },
      settings: { max_wal_size: '64MB', min_wal_size: '32MB' },
    });
    const made = template('1');
    const work = { run: migrate(megabytes), signal };
    const up = (environment: string) => ensureDatabase(admin, request(environment, made), work);
    expect((await up('full0')).mark.strategy).toBe(strategy);
    const ups = async () => {
      for (let i = 1; i < 100; i += 1) await up(`full${i}`);
    };
    await expect(ups()).rejects.toMatchObject({
      code: 'COPPICE_DISK_FULL',
      hint: expect.stringContaining('wt db list'),
    });
    const there = (await names()).filter((name) => name.startsWith('wt_'));
    expect((await names()).filter((name) => name.startsWith('build_'))).toEqual([]);
    const [drop, ...rest] = there.map((name) => request(name.replace('wt_shop__', ''), made));
    if (!drop) throw new Error('the first one fitted');
    await dropDatabase(admin, drop);
    await sweep(rest);
    await admin.query('CHECKPOINT');
    for (const { name } of rest) expect(await booksIn(name)).toBe(megabytes * 1000);
    await up('after');
    expect(await booksIn('wt_shop__after')).toBe(megabytes * 1000);
  },
);
