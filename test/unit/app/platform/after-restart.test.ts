import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sweepAgain, sweepOnce } from '../../../../app/platform/after-restart.ts';
import { emptySweep, type SweepResult } from '../../../../core/sweep.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-restart-'));
  vi.stubEnv('XDG_DATA_HOME', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const [first, second] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'];
const role = { kind: 'role', name: 'wt_shop__old', why: 'it has no database' } as const;
const sweeping = (result: SweepResult = { done: [{ ...role, action: 'removed' }], kept: [] }) =>
  vi.fn(async () => result);

test('a server is swept once after every start', async () => {
  const sweep = sweeping();
  await sweepOnce('postgres', first, sweep);
  await sweepOnce('postgres', first, sweep);
  expect(sweep).toHaveBeenCalledTimes(1);
  await sweepOnce('postgres', second, sweep);
  expect(sweep).toHaveBeenCalledTimes(2);
});

test.each<[string, SweepResult]>([
  ['something had to stay for now', { ...emptySweep, kept: [{ ...role, reason: 'somebody is at work' }] }],
  ['nothing could be looked at', { ...emptySweep, problem: 'no answer' }],
])('and once more when %s', async (_, result) => {
  await sweepOnce('postgres', first, sweeping(result));
  const again = sweeping();
  await sweepOnce('postgres', first, again);
  expect(again).toHaveBeenCalledOnce();
});

test('each server is counted separately', async () => {
  await sweepOnce('postgres', first, sweeping());
  const other = sweeping();
  await sweepOnce('temporal', first, other);
  expect(other).toHaveBeenCalledOnce();
});

test('and once more when something had to be left on it in the meantime', async () => {
  await sweepOnce('temporal', first, sweeping());
  await sweepAgain('temporal');
  const again = sweeping();
  await sweepOnce('temporal', first, again);
  expect(again).toHaveBeenCalledOnce();
});
