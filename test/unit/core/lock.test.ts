import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeIfEmpty } from '../../../core/files.ts';
import { withLock } from '../../../core/lock.ts';

test('a lock is taken by the next one although its holder left no folder behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'coppice-lock-'));
  const file = join(folder, 'two', 'main.run');
  const order: string[] = [];
  let waits: () => void = () => {};
  const waiting = new Promise<void>((resolve) => {
    waits = resolve;
  });
  let second: Promise<void> | undefined;
  await withLock(file, async () => {
    second = withLock(file, async () => void order.push('second'), waits);
    await waiting;
    order.push('first');
  });
  await removeIfEmpty(join(folder, 'two'));
  await second;
  expect(order).toEqual(['first', 'second']);
  await rm(folder, { recursive: true });
});
