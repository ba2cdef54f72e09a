import { expect, test } from 'vitest';
import { besides, ignoreLine, pathGiven, placeOf } from '../../../../../app/worktrees/create/place.ts';
import { parseSettings } from '../../../../../config/settings/settings.ts';

const at = (template: string | undefined, main = '/w/shop', bare = false, branch = 'feat/Log in') =>
  placeOf({ main, bare, branch, home: '/home/ada', ...(template !== undefined && { template }) });

test.each([
  [undefined, '/w/shop.feat-log-in'],
  ['../{repository}-worktrees/{slug}', '/w/shop-worktrees/feat-log-in'],
  ['.claude/worktrees/{slug}', '/w/shop/.claude/worktrees/feat-log-in'],
  ['{slug}', '/w/shop/feat-log-in'],
  ['/trees/{repository}/{branch}', '/trees/shop/feat/Log in'],
  ['~/trees/{repository}.{slug}', '/home/ada/trees/shop.feat-log-in'],
  ['{home}/t/{slug}', '/home/ada/t/feat-log-in'],
])('the template %s makes %s', (template, path) => {
  expect(at(template).path).toBe(path);
});

test.each([
  ['/w/repo.git', '/w/repo.feat-log-in'],
  ['/w/proj/.bare', '/w/proj/feat-log-in'],
  ['/w/proj/.git', '/w/proj/feat-log-in'],
  ['/w/proj', '/w/proj/feat-log-in'],
])('of the bare repository %s the usual place is %s', (main, path) => {
  expect(at(undefined, main, true).path).toBe(path);
});

test('a folder that has only worktrees is told from one that has more', () => {
  expect(at('.claude/worktrees/{slug}').shared).toBe('/w/shop/.claude/worktrees');
  expect(at('trees/x-{slug}').shared).toBeUndefined();
  expect(at(undefined).shared).toBeUndefined();
  expect(at('{slug}').shared).toBeUndefined();
});

test('two repositories, and two branches with one slug, have different places', () => {
  expect(at(undefined, '/w/a').path).not.toBe(at(undefined, '/w/b').path);
  expect(besides('/w/shop.feat-a', 'feat/a')).not.toBe(besides('/w/shop.feat-a', 'feat-a'));
});

test('--path is relative to the current folder', () => {
  expect(pathGiven('../x y', '/w/shop/web', '/home/ada')).toBe('/w/shop/x y');
  expect(pathGiven('~/x', '/w', '/home/ada')).toBe('/home/ada/x');
  expect(pathGiven('/x/../y', '/w', '/home/ada')).toBe('/y');
});

test('only a folder inside a worktree is ignored there, whatever its name', () => {
  expect(ignoreLine('/w/shop/.trees', '/w/shop')).toBe('/.trees/');
  expect(ignoreLine('/w/shop/a[1] *', '/w/shop')).toBe('/a\\[1\\] \\*/');
  expect(ignoreLine('/w/shop.feat', '/w/shop')).toBeUndefined();
});

test.each([
  ['../{repository}', 'must contain {slug} or {branch}'],
  ['{slug}/{app}', '{app}'],
])('the setting %s is refused', (path, words) => {
  expect(() => parseSettings(`worktrees: { path: "${path}" }`, 'config.yaml')).toThrow(words);
});
