import { expect, test } from 'vitest';
import { parseListing } from '../../../git/listing.ts';

const sha = '587be6b4c3f93f93c489c0111bba5596147a26cb';

test('what is tracked, what git was told not to look at, and folders with nothing tracked', () => {
  const records = [
    '? new.txt',
    '? a folder/',
    '? ignored/',
    `H 100644 ${sha} 0\tREADME.md`,
    `h 100755 ${sha} 0\tassumed unchanged.sh`,
    `S 100644 ${sha} 0\tsparse/? x`,
    `H 160000 ${sha} 0\tmodule`,
    `M 100644 ${sha} 2\tconflict`,
    '',
  ];
  expect(parseListing(records.join('\0'))).toEqual({
    tracked: ['README.md', 'assumed unchanged.sh', 'sparse/? x', 'module', 'conflict'],
    hidden: [
      { path: 'assumed unchanged.sh', sha },
      { path: 'sparse/? x', sha },
    ],
    untracked: ['a folder', 'ignored'],
  });
  expect(parseListing('')).toEqual({ tracked: [], hidden: [], untracked: [] });
});
