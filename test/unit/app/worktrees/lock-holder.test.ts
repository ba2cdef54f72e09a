import { expect, test } from 'vitest';
import { lockHolder } from '../../../../app/worktrees/lock-holder.ts';

const running = (ticks: string | undefined) => () => ticks;

test('the process in the reason of an agent has ended', () => {
  expect(lockHolder('claude session feat-x (pid 123 start 4567)', running(undefined))).toEqual({
    text: 'claude session feat-x (pid 123 start 4567)',
    pid: 123,
    ended: true,
  });
  expect(lockHolder('agent pid=77', running(undefined))).toMatchObject({ pid: 77, ended: true });
});

test('it runs, or another one has its number', () => {
  const reason = 'claude session feat-x (pid 123 start 4567)';
  expect(lockHolder(reason, running('4567')).ended).toBe(false);
  expect(lockHolder(reason, running('9999')).ended).toBe(true);
});

test('a start that is no number of ticks says nothing', () => {
  for (const start of ['2026-11-30T10:00:00Z', '1764500000', '1764500000000', 'Mon Nov 30 10:00:00 2026']) {
    expect(lockHolder(`claude session x (pid 123 start ${start})`, running('9999')).ended).toBe(false);
  }
  expect(lockHolder('claude session x (pid 123 start 4567)', running('unknown')).ended).toBe(false);
});

test('a person who locked it has not ended', () => {
  expect(lockHolder('', running(undefined))).toEqual({ text: 'no reason given', ended: false });
  expect(lockHolder('rapid 12 is on a disk', running(undefined)).ended).toBe(false);
});
