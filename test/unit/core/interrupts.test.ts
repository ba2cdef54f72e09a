import { getMaxListeners } from 'node:events';
import { expect, test } from 'vitest';
import { Interrupts, interruptible } from '../../../core/interrupts.ts';

test('any number of calls in flight listens to Ctrl+C, without a warning of a leak', async () => {
  await interruptible(new Interrupts(), async (signal) => {
    expect(getMaxListeners(signal)).toBe(0);
  });
});
