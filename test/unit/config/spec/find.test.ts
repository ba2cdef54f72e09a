import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { plainAppName } from '../../../../config/spec/find.ts';

test.each([
  'version: 1\nname: shop\nservices:\n  web: { port: 3000 }\n',
  '# The shop.\n\nname:   order-worker2   # ours\nversion: 1\n',
  'version: 1\r\nname: shop\r\n',
  'name: shop\n\n\n  # a comment\nversion: 1\n',
  'services:\n  api:\n    command: |\n      name: other\nname: shop',
  'services:\n  name: { port: 3000 }\nname: shop\n',
])('the name of a plain spec is read without a parser: %j', (text) => {
  expect(plainAppName(text)).toBe(parseDocument(text).get('name'));
});

test.each([
  ['a value that goes on', 'name: shop\n  of mine\n'],
  ['a value in the next line', 'name:\n  shop\n'],
  ['quotes', 'name: "shop"\n'],
  ['a quoted key', '"name": shop\n'],
  ['a number, a truth or nothing', 'name: 12\n'],
  ['a truth', 'name: true\n'],
  ['nothing', 'name: null\n'],
  ['an anchor', 'name: &it shop\n'],
  ['two names', 'name: shop\nname: other\n'],
  ['no name', 'version: 1\n'],
  ['a name that is a key of another', 'services:\n  name: shop\n'],
  ['a map in braces', '{ version: 1,\nname: shop }\n'],
  ['a second document', 'name: shop\n---\nversion: 2\n'],
  ['a text that begins with a tab', 'version: 1\n\tname: other\nname: shop\n'],
  ['a byte order mark', '\uFEFFname: shop\n'],
  ['a text at the margin', 'about: "text\nname: other\nmore"\nversion: 1\n'],
])('the parser decides about %s', (_, text) => {
  expect(plainAppName(text)).toBeUndefined();
});
