import { expect, test } from 'vitest';
import { undoNote } from '../../../../../app/worktrees/gc/hands.ts';

test('of an environment alone gc says what can be brought back, and by which command', () => {
  const kept = { name: 'wt_shop__feat', snapshot: 'wt_snap_1' };
  expect(undoNote('shop/feat', kept)).toBe(
    'its database is kept for 72 hours: `wt db undo --env shop/feat` brings it back',
  );
  expect(undoNote('shop/feat', undefined)).toBe('no database of it was kept');
});
