import { expect, test } from 'vitest';
import { figure } from '../../../../cli/ui/figures.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1,000'],
  [-1_234, '-1,234'],
  [-123, '-123'],
  [12_345_678, '12,345,678'],
])('%d is written %s', (count, text) => {
  expect(figure(count)).toBe(text);
  expect(figure(count)).toBe(count.toLocaleString('en-US'));
});
