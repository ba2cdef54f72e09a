import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { importsModules } from '../../../../instrumentation/node/entry.ts';

const folder = mkdtempSync(join(tmpdir(), 'coppice-entry-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(file: string, text: string): string {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

written('module/package.json', '{ "type": "module" }');
written('commonjs/package.json', '{ "type": "commonjs" }');
written('untyped/package.json', '{}');

test.each([
  ['a.mjs', '', true],
  ['a.cjs', "import 'x';", false],
  ['module/src/a.js', '', true],
  ['module/src/a.ts', '', true],
  ['module/a.cjs', '', false],
  ['commonjs/a.js', "import 'x';", false],
  ['commonjs/a.mjs', '', true],
  ['untyped/a.js', "const x = require('x');\nimport('y');", false],
  ['untyped/b.js', "// first\nimport x from 'x';", true],
  ['untyped/c.js', 'export const x = 1;', true],
  ['untyped/d.js', 'importer();\nexports.x = 1;', false],
  ['untyped/bin', "import 'x';", true],
])('%s with %j imports packages as ES modules: %s', (file, text, expected) => {
  expect(importsModules(written(file, text))).toBe(expected);
});

test('a program from standard input does not', () => {
  expect(importsModules(undefined)).toBe(false);
});
