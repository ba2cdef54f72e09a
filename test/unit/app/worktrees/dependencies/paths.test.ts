import { describe, expect, test } from 'vitest';
import { fitsIntoScripts, withMovedPaths } from '../../../../../app/worktrees/dependencies/paths.ts';

const move = { from: '/r/shop', to: '/w/feature' };

describe('the path of a worktree in a text', () => {
  test.each([
    ['is replaced, also as a URL', 'a=/r/shop/x file:///r/shop', 'a=/w/feature/x file:///w/feature'],
    [
      'is not part of a longer name',
      '/r/shop.old /r/shop-2 /r/shopping',
      '/r/shop.old /r/shop-2 /r/shopping',
    ],
    [
      'may end a line, or stand between quotation marks',
      '"/r/shop"\n/r/shop\n',
      '"/w/feature"\n/w/feature\n',
    ],
  ])('%s', (_, before, after) => {
    expect(withMovedPaths(before, move)).toBe(after);
  });

  test('may begin the new one', () => {
    const to = '/r/shop/.claude/worktrees/x';
    expect(withMovedPaths('file:///r/shop/a /r/shop/b', { ...move, to })).toBe(`file://${to}/a ${to}/b`);
  });

  test('with a space is quoted in a URL as URLs are', () => {
    const to = '/w/a b';
    expect(withMovedPaths('file:///r/shop/x', { ...move, to })).toBe('file:///w/a%20b/x');
  });
});

describe('the first line of a script of Python', () => {
  const script = '#!/r/shop/.venv/bin/python3\nimport x\n';
  test('names the new interpreter', () => {
    expect(withMovedPaths(script, move)).toBe('#!/w/feature/.venv/bin/python3\nimport x\n');
  });

  test.each([
    ['a space', '/w/a b'],
    ['too many bytes', `/w/${'x'.repeat(120)}`],
  ])('finds it by way of the shell where its path has %s', (_, to) => {
    expect(withMovedPaths(script, { ...move, to })).toBe(
      `#!/bin/sh\n'''exec' "${to}/.venv/bin/python3" "$0" "$@"\n' '''\nimport x\n`,
    );
  });

  test('that already does so gets quotation marks where they are needed', () => {
    const long = `#!/bin/sh\n'''exec' /r/shop/.venv/bin/python "$0" "$@"\n' '''\n`;
    expect(withMovedPaths(long, { ...move, to: '/w/a b' })).toContain(
      `'''exec' "/w/a b/.venv/bin/python" "$0"`,
    );
  });
});

test.each(["/w/it's", '/w/$HOME', '/w/a"b', '/w/`x`', '/w/a\\b'])('%s is no path for scripts', (path) => {
  expect([fitsIntoScripts(path), fitsIntoScripts('/w/a b/ü')]).toEqual([false, true]);
});
