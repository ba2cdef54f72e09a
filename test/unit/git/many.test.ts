import { expect, test } from 'vitest';
import { takeAnswers } from '../../../git/many.ts';

const digits = '0123456789abcdef'.split('');

test.each(digits)('finds the ends of answers by a token that begins with %s', (digit) => {
  const token = `${digit}9c0ffee`;
  const printed = `1 a\0\0\0${token} 0\0\0\0${token} 128\0? b\0\0\0`;
  expect(takeAnswers(printed, token)).toEqual({
    answers: [
      { code: 0, stdout: '1 a\0' },
      { code: 128, stdout: '' },
    ],
    rest: '? b\0\0\0',
  });
});

test('waits for an end that is not whole yet', () => {
  expect(takeAnswers('1 a\0\0\x0007c0f', '07c0ffee')).toEqual({ answers: [], rest: '1 a\0\0\x0007c0f' });
});
