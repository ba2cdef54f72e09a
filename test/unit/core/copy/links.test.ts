import { expect, test } from 'vitest';
import { linkInCopy } from '../../../../core/copy/links.ts';

const move = { from: '/r/shop', to: '/w/deep/feature' };

test.each([
  ['one that stays inside is the same', 'a/link', '../b/file', '../b/file'],
  ['one that leads to the top too', 'a/link', '..', '..'],
  ['an absolute one into the tree leads into the copy', 'link', '/r/shop/b', '/w/deep/feature/b'],
  [
    'an absolute one to a folder whose name only begins like the tree stays',
    'link',
    '/r/shop.old/b',
    '/r/shop.old/b',
  ],
  ['an absolute one elsewhere stays', 'link', '/etc/hosts', '/etc/hosts'],
  [
    'a relative one that leads out leads to the same file',
    'a/link',
    '../../other/x',
    '../../../../r/other/x',
  ],
])('%s', (_, path, target, expected) => {
  expect(linkInCopy(path, target, move)).toBe(expected);
});
