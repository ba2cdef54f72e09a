import { expect, test } from 'vitest';
import { isLate, patienceSeconds } from '../../../../resources/ready/patience.ts';

const short = { timeoutSeconds: 3 };
const long = { timeoutSeconds: 300 };

test('ready.timeout is counted from the start of the process, however long its pod took to be created', () => {
  expect(isLate({ age: 2_900 }, short, 60_000)).toBe(false);
  expect(isLate({ age: 3_100 }, short, 60_000)).toBe(true);
  expect(patienceSeconds({ age: 3_100 }, short)).toBe(3);
});

test('a process that ran before it was waited for has the whole time again', () => {
  expect(isLate({ age: 900_000 }, short, 2_900)).toBe(false);
  expect(isLate({ age: 900_000 }, short, 3_100)).toBe(true);
});

test('a pod that has not started has two minutes, or as long as its service if that is longer', () => {
  expect(isLate({}, short, 119_000)).toBe(false);
  expect(isLate({}, short, 121_000)).toBe(true);
  expect(patienceSeconds({}, short)).toBe(120);
  expect(isLate({}, long, 299_000)).toBe(false);
  expect(isLate({}, long, 301_000)).toBe(true);
});
