import { expect, test } from 'vitest';
import { adviceFor } from '../../../../cli/ui/advice.ts';

test.each([
  ['sudo wt cluster start', 'wt cluster start'],
  [
    'run `sudo apt-get update && sudo apt-get install --yes xfsprogs`',
    'run `apt-get update && apt-get install --yes xfsprogs`',
  ],
  ['sudo /opt/coppice/bin/wt cluster stop', '/opt/coppice/bin/wt cluster stop'],
  ['run as its owner (without sudo), or', 'run as its owner (without sudo), or'],
])('root is told %j as a command that it can run', (advice, forRoot) => {
  expect(adviceFor(advice, true)).toBe(forRoot);
  expect(adviceFor(advice, false)).toBe(advice);
});
