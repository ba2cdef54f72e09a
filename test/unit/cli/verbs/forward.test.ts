import { expect, test } from 'vitest';
import { portOf } from '../../../../cli/verbs/forward.ts';

test.each(['0', '65536', '-1', 'http', '80a', ''])('%j is no port', (text) => {
  expect(() => portOf(text)).toThrow('is not a port');
});

test('a port is a number', () => {
  expect(portOf('6380')).toBe(6380);
});
