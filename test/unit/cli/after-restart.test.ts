import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Swept } from '../../../cli/db/sweep.ts';
import { sweepOnce } from '../../../cli/platform/after-restart.ts';

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
const sweeping = (swept: Swept = { done: ['removed it'], kept: [] }) => vi.fn(async () => swept);

test('the databases are swept once for every start of their server', async () => {
  const sweep = sweeping();
  await sweepOnce(first, sweep);
  await sweepOnce(first, sweep);
  expect(sweep).toHaveBeenCalledTimes(1);
  await sweepOnce(second, sweep);
  expect(sweep).toHaveBeenCalledTimes(2);
});

test.each([
  ['something had to stay for now', { done: [], kept: ['role x: somebody is at work'] }],
  ['nothing could be looked at', { done: [], kept: [], problem: 'no answer' }],
])('and once more when %s', async (_, swept) => {
  await sweepOnce(first, sweeping(swept));
  const again = sweeping();
  await sweepOnce(first, again);
  expect(again).toHaveBeenCalledOnce();
});
