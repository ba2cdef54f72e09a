import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CoppiceError } from '../../../core/errors.ts';
import { archiveScript } from '../../../resources/database/archive-script.ts';
import type { DatabaseInputs } from '../../../resources/database/contract.ts';
import { openDump } from '../../../resources/database/open-dump.ts';
import type { Server } from '../../../servers/postgres/connection/server.ts';
import { type LeftOut, leftOutCounts, leftOutOfDump } from '../../../servers/postgres/restore/report.ts';
import { restoreDump } from '../../../servers/postgres/restore/restore.ts';
import { grantAccess } from '../../../servers/postgres/roles/roles.ts';
import { giveSchema } from '../../../servers/postgres/templates/build.ts';
import type { DumpText } from '../../../servers/postgres/types.ts';
import { ensurePrograms } from '../../../toolchain/toolchain.ts';
import { dumpOf, startTestServer, type TestServer } from './harness.ts';

/**
 * Dumps that the real pg_dump made. Those of a provider are made from a database with that provider's roles, schemas
 * and extensions, as far as a PostgreSQL without its patches can have them.
 */

let server: TestServer;
let admin: Server;
let programs: string;
let restored: string;

beforeAll(async () => {
  server = await startTestServer();
  admin = await server.connect();
  programs = join((await ensurePrograms(['postgresql'])).postgresql.path, 'bin');
});
afterAll(async () => {
  await admin?.close();
  await server?.remove();
});

let tests = 0;
beforeEach(async () => {
  tests += 1;
  restored = `restored_${tests}`;
  await admin.query(`CREATE DATABASE ${restored}`);
  await grantAccess(admin, { database: restored, login: restored, password: 'x', owner: 'shop_owner' });
  await inside(restored, giveSchema('shop_owner'));
});

async function inside(database: string, sql: string): Promise<unknown[]> {
  const one = await admin.in(database);
  return one.query(sql).finally(one.close);
}

/** What pg_dump prints of a new database with these objects, which is deleted. Roles of the objects are kept. */
async function dump(objects: string, ...options: string[]): Promise<Buffer> {
  const roles = [...objects.matchAll(/^CREATE ROLE .*;$/gm)].map(([statement]) => statement);
  await admin.query('CREATE DATABASE production');
  try {
    for (const role of roles) await admin.query(role);
    await inside('production', withoutBodies + objects.replaceAll(/^CREATE ROLE .*;$/gm, ''));
    return printed('pg_dump', ...options, 'production');
  } finally {
    if (objects.includes('SUBSCRIPTION')) await inside('production', 'DROP SUBSCRIPTION IF EXISTS s');
    await admin.query('DROP DATABASE production');
    for (const role of roles) await admin.query(`DROP ROLE ${/ROLE (\S+?)[ ;]/.exec(role)?.[1]}`);
  }
}

function printed(program: string, ...options: string[]): Buffer {
  const { host, port, user, password } = server.login;
  const env = { ...process.env, PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password };
  return execFileSync(join(programs, program), options, { env, maxBuffer: 2 ** 28 });
}

async function restore(text: Buffer | string, extensions: string[] = []): Promise<LeftOut[]> {
  return restoreOpened(await dumpOf(text)(), extensions);
}

async function restoreOpened(opened: DumpText, extensions: string[] = []): Promise<LeftOut[]> {
  const target = { database: restored, user: restored, password: 'x', owner: 'shop_owner', extensions };
  try {
    return await restoreDump(admin, target, opened);
  } finally {
    await opened.close();
  }
}

function leftOutText(left: readonly LeftOut[]): string {
  const summary = leftOutOfDump(left);
  return summary ? leftOutCounts(summary) : '';
}

const withoutBodies = 'SET check_function_bodies = off;';

const kinds = (left: readonly LeftOut[]) => [...new Set(left.map(({ kind }) => kind))].sort();

const looksLike = `GRANT ALL ON notes TO readers;
ALTER TABLE notes OWNER TO readers;
CREATE SCHEMA public;
CREATE EXTENSION postgis;
\\restrict abc
\\connect other
COPY notes FROM stdin;
\\.
-- PostgreSQL database dump complete
$$ ' " /* -- ;`;
const objects = `
CREATE ROLE readers;
CREATE TABLE notes (id int PRIMARY KEY, text text);
GRANT SELECT ON notes TO readers;
INSERT INTO notes VALUES (1, $note$${looksLike}$note$), (2, 'it''s'), (3, E'a\\\\'), (4, E'\\\\.'), (5, '\\.'), (6, NULL);
CREATE FUNCTION open_up() RETURNS text LANGUAGE plpgsql AS $body$
BEGIN
${looksLike} */ "
RETURN $tag$${looksLike}$tag$;
END
$body$;
CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN $1 > 0 THEN $1 END * 2; END;
CREATE VIEW quoted AS SELECT id AS "a;b ""GRANT" FROM notes;
CREATE RULE two AS ON DELETE TO notes DO ALSO (SELECT 1; SELECT 2);
COMMENT ON FUNCTION open_up() IS $note$${looksLike}$note$;`;
const contents = `SELECT obj_description('open_up()'::regprocedure) AS comment, prosrc AS body,
  (SELECT json_agg(notes ORDER BY id) FROM notes) AS notes, twice(4),
  pg_get_viewdef('quoted'::regclass) AS view, (SELECT definition FROM pg_rules WHERE rulename = 'two') AS rule
  FROM pg_proc WHERE proname = 'open_up'`;

describe('rows, functions and comments that look like statements', () => {
  test.each([
    ['COPY', []],
    ['a statement for each row', ['--inserts']],
    ['many rows in a statement', ['--rows-per-insert=2']],
    ['no dollar quotes', ['--disable-dollar-quoting']],
    ['everything dropped first', ['--clean', '--if-exists']],
    ['everything dropped first without IF EXISTS', ['--clean']],
    ['the database created', ['--create']],
    ['roles set', ['--use-set-session-authorization']],
  ])('survive byte for byte: %s', async (_, options) => {
    const text = await dump(objects, ...options);
    const left = await restore(text);
    expect(kinds(left)).toContain('grant');
    await admin.query('CREATE DATABASE reference');
    await admin.query('CREATE ROLE readers');
    try {
      await inside('reference', withoutBodies + objects.replace('CREATE ROLE readers;', ''));
      expect(await inside(restored, contents)).toEqual(await inside('reference', contents));
    } finally {
      await admin.query('DROP DATABASE reference');
      await admin.query('DROP ROLE readers');
    }
    expect(await inside(restored, `SELECT tableowner FROM pg_tables WHERE tablename = 'notes'`)).toEqual([
      { tableowner: 'shop_owner' },
    ]);
  });

  test.each([
    ['in the rows of a table', [], '2\tit'],
    ['in a string', ['--inserts'], "it''s"],
    ['in a function', [], 'RETURN $tag'],
    ['between two statements', [], '-- Name: notes notes_pkey'],
  ])('of a dump that was truncated %s are refused', async (_, options, at) => {
    const text = (await dump(objects, ...options)).toString();
    expect(text).toContain(at);
    await expect(restore(text.slice(0, text.indexOf(at)))).rejects.toMatchObject({ code: 'COPPICE_DUMP' });
  });
});

test('what is wrong with the file in the middle of rows is said of the file, not of the server', async () => {
  const text = (await dump('CREATE TABLE notes (id int); INSERT INTO notes VALUES (1), (2)')).toString();
  const damaged = new CoppiceError('COPPICE_DUMP', 'gzip data is damaged');
  async function* chunks() {
    yield Buffer.from(text.slice(0, text.indexOf('\n2\n')));
    throw damaged;
  }
  const target = { database: restored, user: restored, password: 'x', owner: 'shop_owner', extensions: [] };
  const opened = { path: 'prod.sql.gz', origin: 'text', chunks: chunks(), close: async () => {} } as const;
  await expect(restoreDump(admin, target, opened)).rejects.toBe(damaged);
});

test('what PUBLIC may do is kept, and each other grant is named', async () => {
  const left = await restore(
    await dump(`CREATE ROLE readers;
CREATE TABLE notes (id int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
GRANT SELECT ON notes TO PUBLIC; GRANT INSERT ON notes TO readers; REVOKE ALL ON FUNCTION f() FROM PUBLIC;`),
  );
  expect(left.filter(({ kind }) => kind === 'grant').map(({ what }) => what)).toEqual([
    'GRANT INSERT ON TABLE public.notes TO readers',
  ]);
  const rights = `SELECT has_table_privilege('public', 'notes', 'SELECT') AS reads,
    has_function_privilege('public', 'f()', 'EXECUTE') AS calls`;
  expect(await inside(restored, rights)).toEqual([{ reads: true, calls: false }]);
});

const table = `CREATE TABLE items (id int, name text); INSERT INTO items VALUES (1, 'Hazel'), (2, 'Willow');`;

interface Row {
  readonly what: string;
  readonly objects: string;
  readonly options?: string[];
  readonly edit?: (text: string) => string;
  readonly extensions?: string[];
  /** Kinds besides owners, which every dump has. */
  readonly left?: string;
}

describe('a dump with', () => {
  test.each<Row>([
    { what: 'one schema alone', objects: table, options: ['--schema=public'] },
    {
      what: 'an event trigger',
      objects: `${table} CREATE FUNCTION seen() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
        CREATE EVENT TRIGGER look ON ddl_command_end EXECUTE FUNCTION seen();`,
      left: '1 event trigger',
    },
    {
      what: 'publications',
      objects: `${table} CREATE PUBLICATION p FOR TABLE items;`,
      left: '1 publication or subscription',
    },
    {
      what: 'a subscription',
      objects: `${table}
        CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1' PUBLICATION p WITH (connect = false, slot_name = NONE);`,
      left: '1 publication or subscription',
    },
    {
      what: 'a foreign server',
      objects: `${table} CREATE FOREIGN DATA WRAPPER plain; CREATE SERVER other FOREIGN DATA WRAPPER plain;
        CREATE USER MAPPING FOR postgres SERVER other OPTIONS (user 'x', password 'y');
        CREATE FOREIGN TABLE far (id int) SERVER other;`,
      left: '3 foreign servers, wrappers and user mappings, 1 foreign table (an empty table stands for it)',
    },
    {
      what: 'policies of the table of an extension that is not here',
      objects: table,
      edit: (text) =>
        text
          .replace(/^CREATE TABLE/m, 'CREATE EXTENSION IF NOT EXISTS pg_cron WITH SCHEMA pg_catalog;\n$&')
          .replace(
            /^-- PostgreSQL database dump complete$/m,
            `CREATE POLICY own ON cron.job USING ((username = CURRENT_USER));
ALTER TABLE cron.job ENABLE ROW LEVEL SECURITY;\n$&`,
          ),
      left: '1 table of an extension (cron.job)',
    },
    {
      what: 'collations that are not here',
      objects: `CREATE SCHEMA app; CREATE COLLATION app.ci (provider = libc, locale = 'C'); COMMENT ON COLLATION app.ci IS 'x';
        CREATE TABLE items (id int, name text COLLATE app.ci UNIQUE, other text COLLATE "POSIX");
        CREATE INDEX ON items (name COLLATE "POSIX");
        CREATE VIEW sorted AS SELECT other COLLATE "POSIX" AS o, 'COLLATE "POSIX"' AS text FROM items ORDER BY 1;
        INSERT INTO items VALUES (1, 'a'), (2, 'b');`,
      edit: (text) =>
        text
          .replace(
            /\(provider = libc, locale = 'C'\)/,
            "(provider = icu, deterministic = false, locale = 'xx-nowhere-u-ks-level2')",
          )
          .replaceAll('COLLATE pg_catalog."POSIX"', 'COLLATE pg_catalog."xx-XX-x-icu"')
          .replaceAll('COLLATE "POSIX"', 'COLLATE "xx_XX.utf8"'),
      left: '3 collations (C sorts instead)',
    },
    {
      what: 'a table access method that only a superuser may create',
      objects: `CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;
        COMMENT ON ACCESS METHOD heap2 IS 'x'; ${table}
        CREATE TABLE other (id int PRIMARY KEY) USING heap2; CREATE TABLE parts (id int) PARTITION BY LIST (id) USING heap2;`,
      left: '1 access method',
    },
    {
      what: 'policies and privileges of roles that are not here',
      objects: `${table}
CREATE ROLE authenticated;
CREATE ROLE anon;
ALTER TABLE items ENABLE ROW LEVEL SECURITY;
CREATE POLICY "of all" ON items TO authenticated, anon USING (id > 0);
COMMENT ON POLICY "of all" ON items IS 'x';
CREATE POLICY own ON items FOR SELECT USING (name = CURRENT_USER);
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO anon;`,
      left: '1 policy ("of all" ON public.items)',
    },
    {
      what: 'large objects that it drops first',
      objects: `${table} SELECT lo_from_bytea(4711, '\\x010203');`,
      options: ['--clean'],
      left: 'drops',
    },
    { what: 'large objects', objects: `${table} SELECT lo_from_bytea(4711, '\\x010203');` },
    {
      what: 'a view that was filled',
      objects: `${table} CREATE MATERIALIZED VIEW many AS SELECT count(*) FROM items;`,
    },
    {
      what: 'a view that cannot be filled without a search path',
      objects: `${table} CREATE FUNCTION all_items() RETURNS bigint LANGUAGE plpgsql AS
        'BEGIN RETURN (SELECT count(*) FROM items); END';
        CREATE MATERIALIZED VIEW many AS SELECT all_items() WITH NO DATA;`,
      edit: (text) =>
        text.replace(/^-- PostgreSQL database dump complete$/m, 'REFRESH MATERIALIZED VIEW public.many;\n$&'),
      left: '1 materialised view without rows (public.many: relation "items" does not exist)',
    },
    {
      what: 'checks that need a search path',
      objects: `CREATE FUNCTION known(int) RETURNS boolean LANGUAGE sql AS 'SELECT $1 > 0';
        CREATE FUNCTION valid(int) RETURNS boolean LANGUAGE sql AS 'SELECT known($1)';
        CREATE TABLE items (id int CHECK (valid(id)), name text); INSERT INTO items VALUES (1, 'a'), (2, 'b');`,
    },
    {
      what: 'settings that only a newer server knows',
      objects: table,
      edit: (text) => text.replace('SET lock_timeout = 0;', 'SET lock_timeout = 0;\nSET future_timeout = 0;'),
      left: '1 setting (future_timeout)',
    },
    {
      what: 'a table access method and a tablespace that are not here',
      objects: table,
      edit: (text) =>
        text.replace(
          'SET default_table_access_method = heap;',
          'SET default_table_access_method = columnar;\nSET default_tablespace = fast;',
        ),
      left: '1 setting (table access method columnar)',
    },
    { what: 'the lines of Windows', objects: table, edit: (text) => text.replaceAll('\n', '\r\n') },
    {
      what: "Heroku's extensions",
      objects: `CREATE SCHEMA heroku_ext; CREATE EXTENSION citext WITH SCHEMA heroku_ext;
        CREATE EXTENSION pg_stat_statements WITH SCHEMA heroku_ext;
        CREATE TABLE items (id int, name heroku_ext.citext UNIQUE); INSERT INTO items VALUES (1, 'a'), (2, 'b');`,
      extensions: ['citext'],
    },
    {
      what: "Supabase's roles, schemas and extensions",
      objects: `
CREATE ROLE supabase_admin;
CREATE ROLE anon;
CREATE ROLE authenticated;
CREATE ROLE service_role;
CREATE SCHEMA extensions AUTHORIZATION supabase_admin; CREATE SCHEMA vault AUTHORIZATION supabase_admin;
CREATE EXTENSION pgcrypto WITH SCHEMA extensions;
GRANT USAGE ON SCHEMA public, extensions TO anon, authenticated, service_role;
${table}
ALTER TABLE items ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON items FOR ALL TO authenticated USING (true) WITH CHECK (true);
CREATE PUBLICATION supabase_realtime;`,
      edit: (text) =>
        text
          .replace(
            'CREATE EXTENSION IF NOT EXISTS pgcrypto',
            `CREATE EXTENSION IF NOT EXISTS supabase_vault WITH SCHEMA vault;\nCREATE EXTENSION IF NOT EXISTS pgcrypto`,
          )
          .replace(
            /^-- PostgreSQL database dump complete$/m,
            `COPY vault.secrets (id, name) FROM stdin;\n1\tx\n\\.\nSELECT pg_catalog.setval('vault.ids', 1, true);\n$&`,
          ),
      left: '1 extension (supabase_vault: it is not installed here), 2 tables of extensions (vault.secrets, vault.ids)',
    },
    ...['rdsadmin', 'cloudsqlsuperuser', 'neon_superuser'].map((role) => ({
      what: `the role ${role}`,
      objects: `
CREATE ROLE ${role};
${table} ALTER TABLE items OWNER TO ${role}; GRANT ALL ON SCHEMA public TO ${role};
ALTER DEFAULT PRIVILEGES FOR ROLE ${role} GRANT ALL ON TABLES TO ${role} WITH GRANT OPTION;`,
    })),
  ])('$what is restored', async ({ objects, options = [], edit, extensions, left = 'owner' }) => {
    const text = await dump(objects, ...options);
    const changed = edit ? Buffer.from(edit(text.toString('latin1')), 'latin1') : text;
    if (edit) expect(changed.equals(text)).toBe(false);
    const found = await restore(changed, extensions);
    expect(await inside(restored, 'SELECT count(*)::int AS n FROM items')).toEqual([{ n: 2 }]);
    expect(leftOutText(found)).toContain(left);
  });

  test('extensions has them where it says', async () => {
    const text =
      await dump(`CREATE SCHEMA ext; CREATE EXTENSION citext WITH SCHEMA ext; CREATE EXTENSION hstore;
      CREATE TABLE items (name ext.citext, more hstore);`);
    await restore(text);
    expect(
      await inside(
        restored,
        `SELECT extname AS name, extnamespace::regnamespace::text AS schema FROM pg_extension ORDER BY extname`,
      ),
    ).toEqual([
      { name: 'citext', schema: 'ext' },
      { name: 'hstore', schema: 'public' },
      { name: 'plpgsql', schema: 'pg_catalog' },
    ]);
  });

  const far = `
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER far FOREIGN DATA WRAPPER nothing;
CREATE USER MAPPING FOR PUBLIC SERVER far;
CREATE EXTENSION file_fdw;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
COMMENT ON SERVER files IS 'a server';
CREATE FOREIGN TABLE rows_of_file (a text OPTIONS (force_not_null 'true')) SERVER files OPTIONS (filename '/nowhere', format 'csv');
CREATE FOREIGN TABLE server (
  id int OPTIONS (column_name 'ID; );') NOT NULL,
  options jsonb DEFAULT '{"SERVER": "OPTIONS ("}' CHECK (jsonb_typeof(options) <> 'array'),
  twice int GENERATED ALWAYS AS (id * 2) STORED,
  name text COLLATE "C") SERVER far OPTIONS (table_name 'it''s) SERVER x');
COMMENT ON FOREIGN TABLE server IS 'there';
COMMENT ON COLUMN server.id IS 'the number';
ALTER FOREIGN TABLE server ALTER COLUMN id SET STATISTICS 7;
CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER look BEFORE INSERT ON server FOR EACH ROW EXECUTE FUNCTION seen();
ALTER FOREIGN TABLE server DISABLE TRIGGER look;
CREATE TABLE parts (id int NOT NULL, day date) PARTITION BY RANGE (day);
CREATE TABLE parts_new PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE FOREIGN TABLE parts_old PARTITION OF parts FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') SERVER far OPTIONS (a 'b');
CREATE FOREIGN TABLE parts_other PARTITION OF parts DEFAULT SERVER far;
CREATE INDEX ON parts (day);
INSERT INTO parts VALUES (1, '2026-02-02'); 
CREATE TABLE base (id int);
CREATE FOREIGN TABLE child (more text) INHERITS (base) SERVER far;
CREATE VIEW names AS SELECT s.name, count(*) FROM server s LEFT JOIN child USING (id) GROUP BY s.name;
CREATE MATERIALIZED VIEW many AS SELECT name FROM server WITH NO DATA;
CREATE FUNCTION row_of(server) RETURNS SETOF server LANGUAGE sql AS 'SELECT $1';
CREATE TABLE items (id int, far server); INSERT INTO items (id) VALUES (1), (2);
GRANT SELECT ON server TO PUBLIC;`;

  test.each([
    [[], []],
    [['--clean', '--if-exists'], []],
    [['--clean'], []],
    [['--create'], []],
  ])('foreign tables has plain tables for them, and all that depends on them: %j', async (options) => {
    const left = await restore(await dump(far, ...options));
    expect(leftOutText(left)).toContain('5 foreign tables (empty tables stand for them)');
    await inside(
      restored,
      `REFRESH MATERIALIZED VIEW many; INSERT INTO parts VALUES (2, '2025-02-02'), (3, '1999-09-09');
       INSERT INTO server (id) VALUES (4); INSERT INTO child VALUES (4)`,
    );
    expect(
      await inside(
        restored,
        `SELECT relname, relkind, relispartition, obj_description(oid, 'pg_class') AS comment
         FROM pg_class WHERE relname IN ('server', 'parts_old', 'parts_other', 'child', 'rows_of_file') ORDER BY relname`,
      ),
    ).toEqual([
      { relname: 'child', relkind: 'r', relispartition: false, comment: null },
      { relname: 'parts_old', relkind: 'r', relispartition: true, comment: null },
      { relname: 'parts_other', relkind: 'r', relispartition: true, comment: null },
      { relname: 'rows_of_file', relkind: 'r', relispartition: false, comment: null },
      { relname: 'server', relkind: 'r', relispartition: false, comment: 'there' },
    ]);
    expect(
      await inside(
        restored,
        `SELECT server.*, (SELECT count(*)::int FROM names) AS names, (SELECT count(*)::int FROM base) AS base,
           (SELECT count(*)::int FROM parts) AS parts FROM server`,
      ),
    ).toEqual([
      { id: 4, options: { SERVER: 'OPTIONS (' }, twice: 8, name: null, names: 1, base: 1, parts: 3 },
    ]);
  });

  test('functions in a language that is not here has them, and they fail when they are called', async () => {
    const text = await dump(`
CREATE TABLE items (id int, name text);
CREATE FUNCTION score(a int, language text DEFAULT 'x', OUT b int) LANGUAGE plpgsql STABLE AS $f$ BEGIN b := 1; END $f$;
CREATE FUNCTION kept(language text) RETURNS text LANGUAGE plpgsql AS $f$ BEGIN RETURN language; END $f$;
CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE PROCEDURE work() LANGUAGE plpgsql AS 'BEGIN END';
COMMENT ON FUNCTION score IS 'of an item';
CREATE VIEW scores AS SELECT score(id) FROM items;
CREATE TRIGGER look BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION seen();`);
    const other = text
      .toString()
      .replace(/^CREATE FUNCTION/m, 'CREATE EXTENSION IF NOT EXISTS plv8 WITH SCHEMA pg_catalog;\n$&')
      .replace(/^CREATE FUNCTION public.score[^;]*?LANGUAGE /m, '$&plv8 --')
      .replace(/^CREATE FUNCTION public.seen[^;]*?LANGUAGE /m, '$&plv8 --')
      .replace(/^CREATE PROCEDURE public.work[^;]*?LANGUAGE /m, '$&plv8 --');
    expect(leftOutText(await restore(other.replaceAll('plv8 --plpgsql', 'plv8')))).toContain(
      '3 functions in languages that are not here (they fail when they are called)',
    );
    const message = 'it is written in plv8, which this server does not have';
    expect(await inside(restored, `SELECT kept('a')`)).toEqual([{ kept: 'a' }]);
    expect(await inside(restored, 'SELECT * FROM scores')).toEqual([]);
    for (const call of ['SELECT score(1)', 'CALL work()', 'INSERT INTO items VALUES (1)'])
      await expect(inside(restored, call)).rejects.toMatchObject({
        message: expect.stringContaining(message),
      });
  });

  test.each([
    ['LATIN1', 'Ölweide', []],
    ['LATIN1', 'Ölweide', ['--inserts']],
    ['WIN1252', '“Ölweide” 5 €', []],
    ['WIN1252', '“Ölweide” 5 €', ['--inserts']],
    ['WIN1251', 'ива', ['--inserts']],
    ['EUC_JP', '日本語 ソ表', ['--inserts']],
  ])('the encoding %s has its letters in it: %s %j', async (encoding, name, options) => {
    const text = await dump(
      `CREATE TABLE t AS SELECT '${name}' AS name;`,
      `--encoding=${encoding}`,
      ...options,
    );
    expect(text.includes(name)).toBe(false);
    await restore(text);
    expect(await inside(restored, 'SELECT name FROM t')).toEqual([{ name }]);
  });

  test('names that look like statements is restored', async () => {
    const odd = `"Odd "" Table; ALTER x OWNER TO y DROP CONSTRAINT z"`;
    await restore(await dump(`CREATE TABLE ${odd} ("a;b" int PRIMARY KEY); INSERT INTO ${odd} VALUES (1);`));
    expect(await inside(restored, `SELECT * FROM ${odd}`)).toEqual([{ 'a;b': 1 }]);
  });
});

/** Made by make.sh beside them: from real servers of these versions, with what objects.sql and left-out.sql create. */
describe('a dump of', () => {
  const folder = join(import.meta.dirname, '../../fixtures/dumps');
  let reference: string;
  beforeAll(async () => {
    await admin.query('CREATE DATABASE reference_of_versions');
    await inside('reference_of_versions', readFileSync(join(folder, 'objects.sql'), 'utf8'));
    // It stands for the foreign table of left-out.sql.
    await inside('reference_of_versions', 'CREATE TABLE app.far (id int)');
    reference = statementsOf('reference_of_versions');
  });

  /** A database as the pg_dump of today prints it; constraints NOT NULL have names since 18. */
  function statementsOf(database: string): string {
    const options = ['--no-owner', '--no-privileges', '--restrict-key=x'];
    return printed('pg_dump', ...options, database)
      .toString()
      .replaceAll(/^--.*\n|^\n/gm, '')
      .replaceAll(/ CONSTRAINT \w+_not_null NOT NULL/g, ' NOT NULL');
  }

  test.each([
    ['PostgreSQL 12', '12.sql'],
    ['PostgreSQL 13', '13.sql'],
    ['PostgreSQL 14', '14.sql'],
    ['PostgreSQL 15', '15.sql'],
    ['PostgreSQL 16', '16.sql'],
    ['PostgreSQL 17', '17.sql'],
    ['PostgreSQL 13 in the tar format, compressed once more', '13.tar.gz'],
    ['PostgreSQL 14 in the custom format', '14.custom'],
    ['PostgreSQL 16 in the directory format, compressed by zstd', '16.zstd.directory'],
    ['PostgreSQL 17 in the directory format, compressed by gzip', '17.directory'],
    ['PostgreSQL 17 in the directory format, compressed by lz4', '17.lz4.directory'],
  ])('%s is restored whole', async (_, name) => {
    const left = await restoreOpened(await openFixture(join(folder, name)));
    expect(statementsOf(restored)).toBe(reference);
    expect(leftOutText(left)).toMatch(
      /^\d+ owners, \d+ grants, 1 event trigger, 3 publications and subscriptions, 3 foreign servers, wrappers and user mappings, 1 foreign table \(an empty table stands for it\), 1 policy \(readers ON app\.people\)$/,
    );
  });

  /** As a pod would read it, with the pg_restore of the server's version. */
  async function openFixture(path: string): Promise<DumpText> {
    const read = async (from: string, to: string) => {
      const env = { ...process.env, PATH: `${programs}:${process.env.PATH}`, DUMP: from, TEXT: to };
      execFileSync('sh', ['-c', archiveScript], { env: { ...env, TMPDIR: dirname(to) } });
    };
    const database = { name: 'shop', from: { dump: { path, sha256: '' } } };
    const inputs = { app: 'shop', folder: '/', database } as unknown as DatabaseInputs;
    return openDump(inputs, read, new AbortController().signal);
  }
});

describe('a dump is refused with its line and what to do', () => {
  test.each([
    [
      'an extension that is needed and not here',
      'CREATE EXTENSION vector;\nCREATE TABLE a (b vector);',
      /line 2: type "vector" does not exist/,
      /vector: it is not installed here \(line 1\)/,
    ],
    [
      'a row that does not fit',
      'CREATE TABLE a (b int);\nCOPY a FROM stdin;\n1\nsecret\n\\.\n',
      /line 4: invalid input syntax/,
      /./,
    ],
    ['several databases', 'CREATE TABLE a (b int);\n\\connect other\n', /line 2: \\connect/, /several/],
    [
      'what only a superuser may do',
      "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'x', 'y';",
      /line 1: permission denied/,
      /superuser/,
    ],
    [
      'rows without tables',
      'COPY public.a (b) FROM stdin;\n1\n\\.\n',
      /line 1: relation "public.a" does not exist/,
      /--data-only/,
    ],
    [
      'a table without its schema',
      'CREATE TABLE other.a (b int);',
      /line 1: schema "other" does not exist/,
      /`pg_dump --table=…` leaves them out/,
    ],
    [
      'a view of a table that is imported from another server',
      'IMPORT FOREIGN SCHEMA s FROM SERVER far INTO public;\nCREATE VIEW v AS SELECT * FROM far;',
      /line 2: relation "far" does not exist/,
      /left out: .*FOREIGN SCHEMA s.* \(line 1\)/,
    ],
    [
      'rows of a database in SQL_ASCII that are not UTF-8',
      Buffer.from(
        "SET client_encoding = 'SQL_ASCII';\nCREATE TABLE a (b text);\nCOPY a FROM stdin;\n\xe4\n\\.\n",
        'latin1',
      ),
      /line 4: invalid byte sequence/,
      /SQL_ASCII.*--encoding=LATIN1/,
    ],
    [
      'text that its encoding does not have',
      Buffer.from("SET client_encoding = 'WIN1252';\nSELECT 'a',\n'\x81';\n", 'latin1'),
      /line 3: this is not WIN1252 text/,
      /UTF-8/,
    ],
    [
      'an encoding whose letters look like ASCII',
      "SET client_encoding = 'SJIS';",
      /line 1: the encoding SJIS is not read/,
      /--encoding=UTF8/,
    ],
    ['UTF-16', Buffer.from('\ufeffSELECT 1;', 'utf16le'), /UTF-16/, /PowerShell/],
    ['MySQL', '-- MySQL dump 10.13\nSELECT 1;', /no dump of PostgreSQL/, /pg_dump/],
    ['no content', '', /empty/, /dump again/],
  ])('%s', async (_, text, message, hint) => {
    await expect(restore(text)).rejects.toMatchObject({
      code: 'COPPICE_DUMP',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  test('all databases of a server', async () => {
    await expect(restore(printed('pg_dumpall', '--globals-only'))).rejects.toMatchObject({
      message: expect.stringContaining('pg_dumpall'),
    });
  });
});
