import { expect, test } from 'vitest';
import { changedPaths } from '../../../git/changes.ts';
import { compare } from '../../../git/divergence.ts';

test('what each history has alone is counted over merges', () => {
  // base: b3 → b2 → b1 → common; feat: f2 merges b1 and f1, f1 → common
  const listed = ['b3 b2', 'b2 b1', 'b1 common', 'f2 f1 b1', 'f1 common', ''].join('\n');
  expect(compare(listed, 'b3', ['f2', 'f1', 'b1', 'b3', 'common'])).toEqual(
    new Map([
      ['f2', { ahead: 2, behind: 2 }],
      ['f1', { ahead: 1, behind: 3 }],
      ['b1', { ahead: 0, behind: 2 }],
      ['b3', { ahead: 0, behind: 0 }],
      ['common', { ahead: 0, behind: 3 }],
    ]),
  );
});

test('the paths that differ are read with their spaces, a renamed one by its new name', () => {
  const records = [
    '1 .M N... 100644 100644 100644 aaaa bbbb a file',
    '2 R. N... 100644 100644 100644 aaaa bbbb R100 new name',
    'old name',
    'u UU N... 100644 100644 100644 100644 aaaa bbbb cccc both',
    '? new folder/',
    '',
  ];
  expect(changedPaths(records.join('\0'))).toEqual(['a file', 'new name', 'both', 'new folder/']);
});
