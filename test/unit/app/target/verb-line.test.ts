import { describe, expect, test } from 'vitest';
import { takeEnvironment, verbLine } from '../../../../app/target/verb-line.ts';
import { verbs } from '../../../../cli/verbs/index.ts';

describe('a verb in a hint', () => {
  test("is the shortest one for this worktree's environment", () => {
    expect(verbLine('down', {}, '--force')).toBe('wt down --force');
    expect(verbLine('workflows', {})).toBe('wt workflows');
  });

  test("names the environment that was named, in the verb's own form", () => {
    expect(verbLine('down', { environment: 'feat-b' }, '--force')).toBe('wt down feat-b --force');
    expect(verbLine('up', { as: 'demo' }, '--drop-temporal')).toBe('wt up --as demo --drop-temporal');
    expect(verbLine('workflows', { environment: 'feat/b' })).toBe('wt workflows --env feat/b');
    expect(verbLine('status', { environment: '../my worktree' })).toBe("wt status '../my worktree'");
  });

  test('knows which verbs take it as an argument', () => {
    const take = verbs.filter(({ usage }) => usage.endsWith(' [environment]'));
    expect(take.map(({ usage }) => usage.split(' ')[0]).sort()).toEqual([...takeEnvironment].sort());
  });
});
