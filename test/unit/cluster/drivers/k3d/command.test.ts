import { expect, test } from 'vitest';
import { lastWords } from '../../../../../cluster/drivers/k3d/command.ts';

test("of k3d's output the errors are shown and not its successes, without the colours that it always prints", () => {
  const words = lastWords(`\u001b[36mINFO\u001b[0m[0003] Starting node 'k3d-coppice-server-0'
\u001b[31mERRO\u001b[0m[0003] Failed Cluster Start: no space left on device
\u001b[31mFATA\u001b[0m[0004] Cluster creation FAILED, all changes have been rolled back!`);
  expect(words).toBe(
    'Failed Cluster Start: no space left on device; Cluster creation FAILED, all changes have been rolled back!',
  );
  expect(lastWords('one\ntwo\nthree\nfour\n')).toBe('two; three; four');
});
