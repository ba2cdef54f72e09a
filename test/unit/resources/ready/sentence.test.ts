import { expect, test } from 'vitest';
import { sentence } from '../../../../resources/ready/sentence.ts';

test.each([
  ['crashes: exit code 7', 'service web crashes: exit code 7'],
  ['does not listen on port 3000 yet', 'service web does not listen on port 3000 yet'],
  [
    'the new version crashes; the one before still answers',
    'service web: the new version crashes; the one before still answers',
  ],
  ['one of its pods crashes; 1 of 2 answer', 'service web: one of its pods crashes; 1 of 2 answer'],
  ['pods of an older version still run', 'service web: pods of an older version still run'],
  [
    'the process has ended, and its watcher waits for an edit',
    'service web: the process has ended, and its watcher waits for an edit',
  ],
])('%s', (reason, expected) => {
  expect(sentence('service web', reason)).toBe(expected);
});
