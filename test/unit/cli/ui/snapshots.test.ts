import { describe, expect, test } from 'vitest';
import { snapshotsReport } from '../../../../cli/ui/snapshots.ts';
import type { Snapshot } from '../../../../servers/postgres/snapshots/snapshots.ts';

const now = Date.parse('2026-01-05T12:00:00Z');
const daysAgo = (days: number) => new Date(now - days * 86_400_000).toISOString();

const snapshot = (name: string, days: number, reason: 'asked' | 'down'): Snapshot => ({
  database: `snap_${name}`,
  bytes: 8_000_000,
  mark: {
    coppice: 1,
    kind: 'snapshot',
    of: 'wt_shop__main',
    name,
    reason,
    takenAt: daysAgo(days),
    template: 'tpl_shop__1',
    migrations: [],
    app: 'shop',
    environment: 'main',
    branch: 'main',
    repository: '/src/shop/.git',
    worktree: '/src/shop',
  },
});

describe('wt db snapshots', () => {
  const keptUntil = daysAgo(-2);
  const found = [{ ...snapshot('down-1', 1, 'down'), keptUntil }, snapshot('mine', 2, 'asked')];

  test('shows how long each is kept, and which were requested', () => {
    expect(snapshotsReport('shop/main', found, now).text.split('\n')).toEqual([
      'down-1  24 h old  8.0 MB  replaced by down         kept for 48 h more',
      'mine    2 d old   8.0 MB  taken by wt db snapshot  kept until it is removed',
    ]);
  });

  test('as JSON has the times, sizes and owners', () => {
    const owner = { app: 'shop', environment: 'main', branch: 'main', worktree: '/src/shop' };
    const both = { ...owner, of: 'wt_shop__main', template: 'tpl_shop__1', bytes: 8_000_000 };
    expect(JSON.parse(JSON.stringify(snapshotsReport('shop/main', found, now).json))).toEqual({
      snapshots: [
        { ...both, database: 'snap_down-1', name: 'down-1', reason: 'down', takenAt: daysAgo(1), keptUntil },
        { ...both, database: 'snap_mine', name: 'mine', reason: 'asked', takenAt: daysAgo(2) },
      ],
    });
  });

  test('reports that there is none', () => {
    expect(snapshotsReport('shop/main', [], now).text).toBe('the database of shop/main has no snapshot');
  });
});
