import { expect, test } from 'vitest';
import { noTraceError } from '../../../../app/telemetry/trace.ts';

test('the beginning of an id that is not found says where it was looked for', () => {
  const error = noTraceError('shop/feat-b', '4bf92f35', 'wt traces --env feat-b');
  expect(error.message).toBe(
    'shop/feat-b: no trace begins with 4bf92f35 among the newest 1,500 of each service in the last 48 h',
  );
  expect(error.hint).toContain('write all 32 digits');
});

test('a whole id was looked for everywhere', () => {
  const id = 'f'.repeat(32);
  expect(noTraceError('shop/feat-b', id, 'wt traces')).toMatchObject({
    message: `shop/feat-b has no trace ${id}`,
    hint: expect.stringContaining('`wt traces` lists them'),
  });
});
