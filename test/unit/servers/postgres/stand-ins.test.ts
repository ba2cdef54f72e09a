import { describe, expect, test } from 'vitest';
import { collationsOf } from '../../../../servers/postgres/restore/policy.ts';
import {
  collatedByBytes,
  functionThatFails,
  languageOf,
  ofPlainTable,
  plainAlteration,
  plainTable,
} from '../../../../servers/postgres/restore/stand-ins.ts';

const lines = (text: string) => text.replaceAll(/\s+/g, ' ').replaceAll(/ ([,);])/g, '$1');

describe('a foreign table becomes', () => {
  test.each([
    ["CREATE FOREIGN TABLE a (id int)\nSERVER s\nOPTIONS (\n x 'y'\n);", 'CREATE TABLE a (id int);'],
    [
      'CREATE FOREIGN TABLE server.server (server int) SERVER server;',
      'CREATE TABLE server.server (server int);',
    ],
    [
      'create foreign table if not exists a () inherits (b) server s;',
      'create table if not exists a () inherits (b);',
    ],
    [
      `CREATE FOREIGN TABLE a (id int OPTIONS (x 'y); SERVER (') NOT NULL, options int, b text DEFAULT ') SERVER s') SERVER s;`,
      `CREATE TABLE a (id int NOT NULL, options int, b text DEFAULT ') SERVER s');`,
    ],
    [
      `CREATE FOREIGN TABLE a (options numeric(2,1), "OPTIONS" varchar(3), CHECK (options (id))) SERVER s OPTIONS (a 'b');`,
      `CREATE TABLE a (options numeric(2,1), "OPTIONS" varchar(3), CHECK (options (id)));`,
    ],
    ['CREATE FOREIGN TABLE a PARTITION OF p DEFAULT SERVER s;', 'CREATE TABLE a PARTITION OF p DEFAULT;'],
    [
      'CREATE FOREIGN TABLE a PARTITION OF p (id WITH OPTIONS NOT NULL) FOR VALUES IN (1) SERVER s;',
      'CREATE TABLE a PARTITION OF p (id WITH OPTIONS NOT NULL) FOR VALUES IN (1);',
    ],
  ])('%s', (from, to) => {
    expect(lines(plainTable(from))).toBe(to);
  });
});

test.each([
  [`ALTER FOREIGN TABLE ONLY public.a ALTER COLUMN id OPTIONS (\n  column_name 'x, y'\n);`, ''],
  [`ALTER FOREIGN TABLE "A; B" OPTIONS (SET a 'b');`, ''],
  [
    `ALTER FOREIGN TABLE ONLY a ALTER COLUMN options SET DEFAULT f(1, 2);`,
    'ALTER TABLE ONLY a ALTER COLUMN options SET DEFAULT f(1, 2);',
  ],
  [
    `ALTER FOREIGN TABLE IF EXISTS s.a ALTER id OPTIONS (a 'b'), ADD CONSTRAINT c CHECK (id IN (1, 2)) NOT VALID, OPTIONS (a 'b');`,
    'ALTER TABLE IF EXISTS s.a ADD CONSTRAINT c CHECK (id IN (1, 2)) NOT VALID;',
  ],
])('an alteration of it: %s', (from, to) => {
  expect(plainAlteration(from)).toBe(to);
});

test('what else is said of it', () => {
  expect(ofPlainTable(`COMMENT ON FOREIGN TABLE a IS 'FOREIGN';`)).toBe(`COMMENT ON TABLE a IS 'FOREIGN';`);
  expect(ofPlainTable('DROP FOREIGN TABLE IF EXISTS "FOREIGN";')).toBe('DROP TABLE IF EXISTS "FOREIGN";');
});

describe('a function in a language that is not here', () => {
  test.each([
    ['CREATE FUNCTION f(a int, language text) RETURNS int LANGUAGE plv8 AS $$x$$;', 'plv8'],
    [`CREATE FUNCTION language() RETURNS int AS 'x' LANGUAGE "Odd";`, '"Odd"'],
    [`CREATE FUNCTION f() RETURNS int AS 'x' LANGUAGE 'sql';`, undefined],
    ['CREATE FUNCTION f() RETURNS int RETURN 1;', undefined],
  ])('is known by its clause: %s', (text, language) => {
    expect(languageOf(text)).toBe(language);
  });

  test.each([
    [
      'CREATE FUNCTION f(a int, language text) RETURNS int\n LANGUAGE plv8 STABLE\n AS $f$ AS $$ $f$;',
      /^CREATE FUNCTION f\(a int, language text\) RETURNS int\n LANGUAGE plpgsql STABLE\n AS 'BEGIN RAISE .*plv8.*END';$/,
    ],
    [
      `CREATE PROCEDURE p() AS 'a', 'b' LANGUAGE plv8;`,
      /^CREATE PROCEDURE p\(\) AS 'BEGIN .*END' LANGUAGE plpgsql;$/,
    ],
  ])('%s', (from, to) => {
    expect(functionThatFails(from, 'plv8')).toMatch(to);
  });
});

test('collations that are not here are replaced, and no other text', () => {
  const text = `CREATE VIEW v AS SELECT a COLLATE pg_catalog."de-x-icu", b COLLATE app."de-x-icu", c COLLATE "C",
    d COLLATE "de-x-icu", 'COLLATE "de-x-icu"' FROM t ORDER BY e COLLATE pg_catalog . de_x;`;
  expect(
    collatedByBytes(text, (name) => name !== '"C"'),
  ).toBe(`CREATE VIEW v AS SELECT a COLLATE pg_catalog."C", b COLLATE app."de-x-icu", c COLLATE "C",
    d COLLATE "C", 'COLLATE "de-x-icu"' FROM t ORDER BY e COLLATE pg_catalog . "C";`);
  expect(
    collationsOf('a COLLATE pg_catalog."de-x-icu", b COLLATE app."x", c COLLATE app.y, d COLLATE Z'),
  ).toEqual(['de-x-icu', 'z']);
});
