import { describe, expect, test } from 'vitest';
import { CoppiceError } from '../../../core/errors.ts';
import { emptySweep, joinSweeps, removeEach, sweepResult } from '../../../core/sweep.ts';

describe('a sweep', () => {
  test('continues after a failed removal, and reports why that leftover stays', async () => {
    const removals = await removeEach(['first', 'second', 'third'], async (name) => {
      if (name === 'first') throw new Error('not now');
      return name === 'second' ? 'it is in use right now' : undefined;
    });
    expect(removals).toEqual([
      { what: 'first', kept: 'not now' },
      { what: 'second', kept: 'it is in use right now' },
      { what: 'third', kept: undefined },
    ]);
  });

  test('does not report what is needed after all', async () => {
    const removals = await removeEach(['needed', 'old'], async (name) => name !== 'needed' && undefined);
    expect(removals).toEqual([{ what: 'old', kept: undefined }]);
  });

  test.each(['COPPICE_INTERRUPTED', 'COPPICE_DATABASE_UNREACHABLE', 'COPPICE_TEMPORAL_UNREACHABLE'] as const)(
    'ends with %s',
    async (code) => {
      const tried: string[] = [];
      const sweep = removeEach(['first', 'second'], async (name) => {
        tried.push(name);
        throw new CoppiceError(code, 'the end');
      });
      await expect(sweep).rejects.toMatchObject({ code });
      expect(tried).toEqual(['first']);
    },
  );

  test('separates what is done from what stays', () => {
    const removals = [
      { what: 'wt_shop__old', kept: undefined },
      { what: 'wt_shop__new', kept: 'it has open sessions' },
    ];
    const leftover = (name: string) => ({ kind: 'database', name, why: 'why' }) as const;
    expect(sweepResult(removals, (name) => ({ ...leftover(name), action: 'removed' }))).toEqual({
      done: [{ ...leftover('wt_shop__old'), action: 'removed' }],
      kept: [{ ...leftover('wt_shop__new'), reason: 'it has open sessions' }],
    });
  });

  test('of several servers is one result, with the problems of all', () => {
    const problem = (text: string) => ({ ...emptySweep, problem: text });
    expect(joinSweeps([emptySweep, emptySweep])).toEqual(emptySweep);
    expect(joinSweeps([problem('no answer'), problem('no cluster')])).toEqual(
      problem('no answer; no cluster'),
    );
  });
});
