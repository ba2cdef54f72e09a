import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Interrupts, interruptible } from '../../../core/interrupts.ts';

test('any number of calls in flight listens to Ctrl+C, without a warning of a leak', async () => {
  const warnings: string[] = [];
  const listen = ({ name }: Error) => void warnings.push(name);
  process.on('warning', listen);
  await interruptible(new Interrupts(), async (signal) => {
    for (let call = 0; call < 40; call += 1) signal.addEventListener('abort', () => {});
    // Node tells a warning in a later tick.
    await setImmediate();
  });
  process.off('warning', listen);
  expect(warnings).toEqual([]);
});
