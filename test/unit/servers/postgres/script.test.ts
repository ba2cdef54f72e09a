import { describe, expect, test } from 'vitest';
import { readScript } from '../../../../servers/postgres/script/reader.ts';

/** What a script consists of, whatever the sizes in which it comes. */
async function read(text: string, size: number): Promise<string[]> {
  async function* chunks() {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const found: string[] = [];
  for await (const item of readScript(chunks())) {
    const rows: Buffer[] = [];
    if (item.kind === 'copy') for await (const part of item.rows) rows.push(part);
    const end =
      item.kind === 'copy' ? ` <${Buffer.concat(rows)}>` : item.kind === 'rest' ? ` (${item.open})` : '';
    found.push(`${item.line} ${item.kind} ${item.text}${end}`);
  }
  return found;
}

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  ['two statements in a line', 'SELECT 1; SELECT 2;\n', ['1 statement SELECT 1;', '1 statement SELECT 2;']],
  [
    'a string',
    "SELECT 'it''s ; \\';\nSELECT 2;",
    ["1 statement SELECT 'it''s ; \\';", '2 statement SELECT 2;'],
  ],
  ['escapes', "SELECT E'it\\'s ;';", ["1 statement SELECT E'it\\'s ;';"]],
  [
    'the strings of an old server',
    "SET standard_conforming_strings = off;\nSELECT 'a\\';';",
    ['1 statement SET standard_conforming_strings = off;', "2 statement SELECT 'a\\';';"],
  ],
  ['a dollar quote', 'DO $a$;\n$$;\n\\.\n$a$;', ['1 statement DO $a$;\n$$;\n\\.\n$a$;']],
  ['a dollar in a name', "SELECT a$b$; SELECT 'x';", ['1 statement SELECT a$b$;', "1 statement SELECT 'x';"]],
  [
    'comments',
    '-- a; b\n/* ; /* ; */ ; */ SELECT /* ; */ 1 -- ;\n;',
    ['1 comment -- a; b', '2 statement SELECT /* ; */ 1 -- ;\n;'],
  ],
  ['parentheses', 'CREATE RULE a AS ON b DO (c; d);', ['1 statement CREATE RULE a AS ON b DO (c; d);']],
  [
    'a body of statements',
    'CREATE OR REPLACE FUNCTION f() BEGIN ATOMIC a; CASE b END; END; SELECT 1;',
    ['1 statement CREATE OR REPLACE FUNCTION f() BEGIN ATOMIC a; CASE b END; END;', '1 statement SELECT 1;'],
  ],
  [
    'rows',
    'COPY t FROM stdin;\n1\ta;\n\\\\.\n\\.x\n\\.\nSELECT 1;',
    ['1 copy COPY t FROM stdin; <1\ta;\n\\\\.\n\\.x\n>', '6 statement SELECT 1;'],
  ],
  ['no rows', 'COPY t FROM stdin;\n\\.\n\\x\n', ['1 copy COPY t FROM stdin; <>', '3 command \\x']],
  ['rows to the end of the file', 'COPY t FROM stdin;\r\n1\r\n\\.', ['1 copy COPY t FROM stdin; <1\r\n>']],
  ['a mark at the beginning', '\ufeffSELECT 1;', ['1 statement SELECT 1;']],
  ['no semicolon at the end', 'SELECT 1', ['1 rest SELECT 1 (;)']],
  ['an open string', "SELECT 'a;\n", ["1 rest SELECT 'a; (')"]],
];

describe.each([1, 2, 3, 7, 1_000])('a script that comes in pieces of %d bytes', (size) => {
  test.each(cases)('with %s', async (_, text, items) => {
    expect(await read(text, size)).toEqual(items);
  });
});

test('rows without an end are an error', async () => {
  await expect(read('COPY t FROM stdin;\n1\n', 5)).rejects.toThrow();
});
