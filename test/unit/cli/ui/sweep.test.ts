import { describe, expect, test } from 'vitest';
import { sweepDocument, sweepLines } from '../../../../cli/ui/sweep.ts';
import { emptySweep, type SweepResult } from '../../../../core/sweep.ts';

const gone = 'there is no environment shop/old';
const result: SweepResult = {
  done: [
    { kind: 'database', name: 'wt_shop__old', why: gone, action: 'removed' },
    { kind: 'database', name: 'wt_shop__main', why: 'it is closed', action: 'opened' },
    { kind: 'namespace', name: 'wt-shop--old', why: gone, action: 'removed' },
  ],
  kept: [{ kind: 'folder', name: 'base/16500', why: 'a copy was cut off', reason: 'not now' }],
  problem: 'Temporal does not answer',
};
const lines = {
  done: [
    `removed database wt_shop__old: ${gone}`,
    'opened database wt_shop__main: it is closed',
    `removed Temporal namespace wt-shop--old: ${gone}`,
  ],
  kept: ['folder base/16500: a copy was cut off; stays: not now'],
};

describe('wt doctor --fix', () => {
  test('prints what was done on every server, what stays, and what could not be checked', () => {
    expect(sweepLines(result)).toEqual([
      ...lines.done,
      ...lines.kept,
      'not all was removed: Temporal does not answer',
    ]);
  });

  test('reports that there was nothing to remove, or that nothing could be checked', () => {
    expect(sweepLines(emptySweep)).toEqual(['there was nothing to remove']);
    expect(sweepLines({ ...emptySweep, problem: 'no answer' })).toEqual(['nothing was removed: no answer']);
  });

  test('as JSON has the same lines', () => {
    expect(sweepDocument(result)).toEqual({ ...lines, problem: 'Temporal does not answer' });
    expect(Object.keys(sweepDocument(emptySweep))).toEqual(['done', 'kept']);
  });
});
