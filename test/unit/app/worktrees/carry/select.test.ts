import { describe, expect, test } from 'vitest';
import { patternBelow } from '../../../../../app/worktrees/carry/patterns.ts';
import {
  intersection,
  outermost,
  searched,
  variablesFile,
} from '../../../../../app/worktrees/carry/select.ts';

describe('what is both ignored and named', () => {
  test.each([
    ['an entry itself', ['.env', 'cache/'], ['.env'], ['.env']],
    ['a file of an ignored folder', ['cache/'], ['cache/one'], ['cache/one']],
    ['ignored entries of a folder that is named', ['config/a.env', 'x'], ['config/'], ['config/a.env']],
    ['a name that only begins the same is not', ['cache/'], ['cache-2/x'], []],
    ['nothing twice', ['cache/'], ['cache/', 'cache/one'], ['cache/']],
    [
      'the file of patterns itself is not',
      ['.worktreeinclude', '.env'],
      ['.worktreeinclude', '.env'],
      ['.env'],
    ],
  ])('%s', (_, ignored, matching, expected) => {
    expect(intersection(ignored, matching)).toEqual(expected);
  });
});

test('folders of packages are searched only where a pattern names them', () => {
  const ignored = ['.env', 'node_modules/', 'apps/web/node_modules/', '.venv/'];
  expect(searched(ignored, '.env')).toEqual(['.env']);
  expect(searched(ignored, 'node_modules/')).toEqual(['.env', 'apps/web/node_modules/', 'node_modules/']);
});

test('an entry in a folder that is an entry is left out', () => {
  expect(outermost(['b/', 'a', 'b/c', 'b.d'])).toEqual(['a', 'b.d', 'b/']);
});

test.each([
  [['web/.env', '.env.local'], '.env.local'],
  [['.env.production'], '.env.production'],
  [['.envrc', 'x.env', '.env/', 'node_modules/a/.env'], undefined],
])('of %j the file of variables is %s', (ignored, expected) => {
  expect(variablesFile(ignored)).toBe(expected);
});

test.each([
  ['.', '.env', '.env'],
  ['apps/web', '.env', '/apps/web/**/.env'],
  ['apps/web', '/.env', '/apps/web/.env'],
  ['apps/web', 'a/b', '/apps/web/a/b'],
  ['apps/web', 'cache/', '/apps/web/**/cache/'],
  ['apps/web', '!*.local', '!/apps/web/**/*.local'],
  ['a[b]', 'x', '/a\\[b\\]/**/x'],
  ['apps/web', '# note', '# note'],
])('in %s the pattern %s is %s at the top', (folder, pattern, expected) => {
  expect(patternBelow(folder, pattern)).toBe(expected);
});
