import { expect, test } from 'vitest';
import { lastWords } from '../../../../../cluster/drivers/k3d/command.ts';

test('of what k3d says, errors are told and not what went well, without the colours that it cannot leave', () => {
  const words = lastWords(`\u001b[36mINFO\u001b[0m[0003] Starting node 'k3d-coppice-server-0'
\u001b[31mERRO\u001b[0m[0003] Failed Cluster Start: no space left on device
\u001b[31mFATA\u001b[0m[0004] Cluster creation FAILED, all changes have been rolled back!`);
  expect(words).toBe(
    'Failed Cluster Start: no space left on device; Cluster creation FAILED, all changes have been rolled back!',
  );
  expect(lastWords('one\ntwo\nthree\nfour\n')).toBe('two; three; four');
});
