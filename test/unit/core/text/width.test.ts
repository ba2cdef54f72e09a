import { expect, test } from 'vitest';
import { widthOf, wrapped } from '../../../../core/text/width.ts';

test('a text is broken between words, and a longer word has a line of its own', () => {
  const text = 'it is the main worktree; /srv/a-folder-with-a-long-name/shop is in its folder';
  const lines = wrapped(text, 24);
  expect(lines.join(' ')).toBe(text);
  expect(lines.filter((line) => widthOf(line) > 24)).toEqual(['/srv/a-folder-with-a-long-name/shop']);
  expect(lines[0]).toBe('it is the main worktree;');
});
